import { resolve } from 'node:path'
import { type ConfigDefinition, isConfigDefinition } from '../config/definition.ts'
import { InfrastructureError } from '../ports/errors.ts'
import { UsageError } from './command.ts'
import { importModule } from './import-module.ts'
import { packageField } from './package-field.ts'

/**
 * The configuration definition that a module exports. Without `path`, the module that the nearest package.json names:
 * `"portolan": { "config": "./src/config.ts" }`.
 */
export async function definitionFrom(path: string | undefined, directory: string): Promise<ConfigDefinition> {
  const file = path === undefined ? await fromPackage(directory) : resolve(directory, path)
  const found = [...new Set(Object.values(await importModule(file)).filter(isConfigDefinition))]
  if (found.length === 1) return found[0]!
  const count = found.length === 0 ? 'no' : String(found.length)
  throw new InfrastructureError(
    'invalid_argument',
    `${file} exports ${count} configuration definitions; it must export one that defineConfig made.`,
  )
}

async function fromPackage(directory: string): Promise<string> {
  const field = await packageField('config', directory)
  if (typeof field?.value === 'string') return resolve(field.folder, field.value)
  throw new UsageError(
    'Which configuration? Give --module PATH, or name the module in package.json: "portolan": { "config": "./src/config.ts" }.',
  )
}
