import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Engine } from '../ground.ts'
import { content, indexes, orders, schema } from '../shop.ts'

/** A file for each contender, on the disk, with a write-ahead log. */
export const sqlite: Engine = {
  name: 'sqlite',
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'bench-persistence-'))
    const path = join(folder, 'shop.db')
    const database = new DatabaseSync(path)
    database.exec('PRAGMA journal_mode = WAL; BEGIN')
    for (const sql of schema) database.exec(sql)
    for (const [table, { columns, rows }] of Object.entries(content)) {
      const insert = database.prepare(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      )
      for (const row of rows()) insert.run(...row)
    }
    for (const sql of indexes) database.exec(sql)
    database.exec('COMMIT; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)')
    // What was written to the log is brought into the file at a commit sooner or later, which costs as much as many commits: it must
    // hit neither the next case, nor a contender for what was only removed after its check.
    const settle = () => database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    return {
      url: path,
      settle,
      orders: new Map(orders.map(order => [order.id, order])),
      query: async <Row>(sql: string) => database.prepare(sql).all() as Row[],
      execute: async sql => {
        database.exec(sql)
        settle()
      },
      async [Symbol.asyncDispose]() {
        database.close()
        await rm(folder, { recursive: true })
      },
    }
  },
  async version() {
    const { default: BetterSqlite } = await import('better-sqlite3')
    const database = new BetterSqlite(':memory:')
    const bundled = database.prepare('SELECT sqlite_version()').pluck().get()
    database.close()
    return { 'SQLite of node:sqlite': process.versions.sqlite!, 'SQLite of better-sqlite3': String(bundled) }
  },
}

/**
 * What every connection of a contender is set to, so that a commit is as safe with all of them, and none reads less from memory:
 * better-sqlite3 comes with a cache of 16 MB, SQLite itself with one of 2 MB.
 */
export const sqlitePragmas: readonly string[] = [
  'synchronous = FULL',
  'foreign_keys = ON',
  'cache_size = -16000',
]
