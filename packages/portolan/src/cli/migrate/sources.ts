import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadMigrations } from '../../persistence/load-migrations.ts'
import type { Migration, MigrationSet } from '../../persistence/migrations.ts'
import { InfrastructureError } from '../../ports/errors.ts'
import { UsageError } from '../command.ts'
import { importModule } from '../import-module.ts'
import { packageField } from '../package-field.ts'

/** Where the application's migrations are. */
export interface Sources {
  readonly folder?: string | undefined
  readonly module?: string | undefined
  /** The one of migrations that come without: a folder's, or a list that a module exports. */
  readonly namespace: string | undefined
}

/**
 * The application's migrations: those of a folder or a module, or of what the nearest package.json names:
 * `"portolan": { "migrations": "./src/migrations.ts" }`, or `{ "folder": "./migrations", "namespace": "shop" }`. None when nothing is
 * named.
 */
export async function applicationSets(
  { folder, module, namespace }: Sources,
  directory: string,
): Promise<readonly MigrationSet[]> {
  if (folder !== undefined && module !== undefined)
    throw new UsageError('Give --folder or --module, not both.')
  if (folder !== undefined) return [await ofFolder(resolve(directory, folder), namespace)]
  if (module !== undefined) return ofModule(resolve(directory, module), namespace)
  const field = await packageField('migrations', directory)
  if (!field) return []
  const { value, folder: base } = field
  if (typeof value === 'string') {
    const path = resolve(base, value)
    return (await isFolder(path)) ? [await ofFolder(path, namespace)] : ofModule(path, namespace)
  }
  if (isNamedFolder(value)) return [await ofFolder(resolve(base, value.folder), value.namespace)]
  throw new InfrastructureError(
    'invalid_argument',
    `"migrations" in the package.json of ${base} names nothing. Write a path, or { "folder": PATH, "namespace": NAME }.`,
  )
}

async function ofFolder(path: string, namespace: string | undefined): Promise<MigrationSet> {
  if (namespace === undefined)
    throw new UsageError('Which namespace is the folder of? Give --namespace NAME.')
  return { namespace, migrations: await loadMigrations(path) }
}

async function ofModule(path: string, namespace: string | undefined): Promise<readonly MigrationSet[]> {
  const exported = [...new Set(Object.values(await importModule(path)))]
  const sets = exported.filter(isMigrationSet)
  if (sets.length > 0) return sets
  const lists = exported.filter(isMigrations)
  if (lists.length !== 1) {
    throw new InfrastructureError(
      'invalid_argument',
      `${path} exports ${lists.length === 0 ? 'no' : 'several lists of'} migrations. Export { namespace, migrations }, once or more often.`,
    )
  }
  if (namespace === undefined)
    throw new UsageError('Which namespace is the module of? Give --namespace NAME.')
  return [{ namespace, migrations: lists[0]! }]
}

function isMigrationSet(value: unknown): value is MigrationSet {
  if (typeof value !== 'object' || value === null) return false
  const { namespace, migrations } = value as Partial<MigrationSet>
  return typeof namespace === 'string' && Array.isArray(migrations) && migrations.every(isMigration)
}

function isMigrations(value: unknown): value is readonly Migration[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMigration)
}

function isMigration(value: unknown): value is Migration {
  return typeof value === 'object' && value !== null && 'name' in value && 'up' in value
}

function isNamedFolder(value: unknown): value is { folder: string; namespace: string } {
  if (typeof value !== 'object' || value === null) return false
  const { folder, namespace } = value as { folder?: unknown; namespace?: unknown }
  return typeof folder === 'string' && typeof namespace === 'string'
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}
