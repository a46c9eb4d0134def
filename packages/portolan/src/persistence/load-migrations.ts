import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InfrastructureError } from '../ports/errors.ts'
import { codeMigration } from './load/code-file.ts'
import { mergedByName } from './load/merged.ts'
import { isMigrationFile, type MigrationFile, migrationFile } from './load/migration-file.ts'
import { sqlMigration } from './load/sql-file.ts'
import { utf8 } from './load/utf8.ts'
import type { Migration } from './migrations.ts'

/**
 * The migrations of a folder, named and ordered by their file names. Other files are left alone.
 *
 * - `0001-carts.sql`: statements. A line `-- down` separates what undoes the migration from what does it; a line `-- up` may stand
 *   at the top; `-- no transaction`, in either part, lets each statement commit on its own.
 * - `0002-prices.ts` (or `.mts`, `.js`, `.mjs`): a module that exports `up` and, where it can be undone, `down`; or a migration as its
 *   default. `export const transaction = false` is the `-- no transaction` of code.
 * - `0003-search.postgres.sql`, `0003-search.sqlite.sql`: one migration with a step for each engine. Beside them, `0003-search.sql` is
 *   for the others.
 *
 * Files of code are checksummed as they are, line ends aside: comments count, and so does the compiler of a build. Apply them
 * from the same files everywhere.
 *
 * @throws InfrastructureError `not_found` when the folder cannot be read; `invalid_argument`, naming the file, for one that is no
 * UTF-8, has no statements, exports something else, or stands beside another of the same name.
 * @example
 * // migrations/0001-carts.sql
 * // create table carts (id varchar(36) primary key);
 * // -- down
 * // drop table carts;
 * await database.migrate('shop', await loadMigrations('./migrations'))
 */
export async function loadMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new InfrastructureError(
      'not_found',
      `The folder of migrations '${folder}' cannot be read. Check the path.`,
      { cause },
    )
  })
  const files = entries
    .filter(entry => !entry.isDirectory() && isMigrationFile(entry.name))
    .map(entry => migrationFile(folder, entry.name))
  const loaded = await Promise.all(files.map(async file => ({ file, migration: await load(folder, file) })))
  return mergedByName(loaded)
}

async function load(folder: string, file: MigrationFile): Promise<Migration> {
  const path = join(folder, file.file)
  const text = utf8(await readFile(path), file)
  return file.code ? codeMigration(path, text, file) : sqlMigration(text, file)
}
