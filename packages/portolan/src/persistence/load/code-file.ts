import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Migration, MigrationStep, MigrationSteps } from '../migrations.ts'
import { fileChecksum } from '../migrator/checksum.ts'
import { badFile, engines, type MigrationFile } from './migration-file.ts'

const parts = ['up', 'down', 'transaction'] as const

/** The migration that a module exports: `up` and `down`, or a whole one as its default. */
export async function codeMigration(path: string, text: string, file: MigrationFile): Promise<Migration> {
  const exported = await importFile(path, file)
  const given = 'default' in exported ? fromDefault(exported, file) : exported
  const allowed: readonly string[] = 'default' in exported ? [...parts, 'name', 'checksum'] : parts
  const unknown = Object.keys(given).find(key => !allowed.includes(key))
  if (unknown !== undefined) {
    throw badFile(
      file,
      `exports '${unknown}'. A migration exports ${parts.join(', ')}, or one as its default.`,
    )
  }
  const { up, down, transaction } = given
  if (!isStep(up)) {
    throw badFile(file, `exports no \`up\`: a function, SQL, or one of them for each engine.`)
  }
  if (down !== undefined && !isStep(down)) {
    throw badFile(
      file,
      'exports a `down` that is neither a function nor SQL, nor one of them for each engine.',
    )
  }
  if (transaction !== undefined && transaction !== false) {
    throw badFile(file, 'exports a `transaction` other than false. Leave it out to have one.')
  }
  return {
    ...{ name: file.name, up, checksum: fileChecksum(text) },
    ...(down === undefined ? {} : { down }),
    ...(transaction === false ? { transaction } : {}),
  }
}

function fromDefault(
  exported: Readonly<Record<string, unknown>>,
  file: MigrationFile,
): Readonly<Record<string, unknown>> {
  const { default: migration, ...others } = exported
  const [other] = Object.keys(others)
  if (other !== undefined)
    throw badFile(file, `exports '${other}' beside its default. Export one or the other.`)
  if (typeof migration !== 'object' || migration === null)
    throw badFile(file, 'has a default export that is no migration: { up, down }.')
  const given = migration as Readonly<Record<string, unknown>>
  if (given.name !== undefined && given.name !== file.name)
    throw badFile(file, `exports a migration with another name: '${String(given.name)}'. The file's counts.`)
  return given
}

async function importFile(path: string, file: MigrationFile): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(resolve(path)).href)
  } catch (cause) {
    throw badFile(file, `cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}

function isStep(value: unknown): value is MigrationStep | MigrationSteps {
  if (typeof value === 'string' || typeof value === 'function') return true
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  return (
    entries.length > 0 &&
    entries.every(
      ([engine, step]) =>
        engines.some(known => known === engine) && (typeof step === 'string' || typeof step === 'function'),
    )
  )
}
