import type { Database } from '../persistence/database.ts'
import type { Migration } from '../persistence/migrations.ts'
import type { Migrator, MigratorOptions } from '../persistence/migrator.ts'

/** What the cases of migrations work on: a garden that grows in three steps. */

export const first: Migration = {
  name: '0001-plants',
  up: `
    -- Semicolons; in comments, 'in text' and "in names" separate nothing.
    create table plants (id integer not null primary key, name varchar(20) not null);
    insert into plants (id, name) values (1, 'oak; ash');
    /* nor; here */`,
  down: 'drop table plants',
}
export const second: Migration = {
  name: '0002-heights',
  up: 'alter table plants add column height integer',
  down: 'alter table plants drop column height',
}
export const third: Migration = {
  name: '0003-code',
  up: async database => {
    await database.execute('UPDATE plants SET height = ?', [12])
  },
}

export function garden(
  database: Database,
  migrations: readonly Migration[],
  options?: MigratorOptions,
): Migrator {
  return database.migrator('garden', migrations, options)
}

export async function states(migrator: Migrator): Promise<string[]> {
  return (await migrator.status()).map(({ name, state }) => `${name} ${state}`)
}
