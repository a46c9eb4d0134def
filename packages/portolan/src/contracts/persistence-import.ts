import assert from 'node:assert/strict'
import type { Database } from '../persistence/database.ts'
import type { SqlValue } from '../persistence/sql-value.ts'
import { systemClock } from '../runtime/clock.ts'
import { failure } from './failure.ts'
import type { PersistenceCase } from './persistence-kit.ts'

const columns = ['id', 'body', 'big', 'bytes', 'ratio']

const odd = [
  'plain',
  '',
  'a\tb',
  'line\nbreak\r\n',
  'back\\slash \\N \\. \\t',
  `it's "quoted"`,
  'NULL',
  'ünï 🙂',
  null,
]

const rowOf = (i: number): SqlValue[] => [
  i,
  odd[i % odd.length]!,
  2n ** 62n + BigInt(i),
  i % 7 === 0 ? null : Uint8Array.from([0, 9, 10, 92, i % 256]),
  i / 8,
]

async function withTable(database: Database): Promise<void> {
  const bytes = database.dialect === 'postgres' ? 'BYTEA' : 'BLOB'
  await database.execute(
    `CREATE TABLE imported (id INTEGER NOT NULL PRIMARY KEY, body TEXT, big BIGINT NOT NULL, bytes ${bytes}, ratio DOUBLE PRECISION NOT NULL)`,
  )
}

async function countOf(database: Database): Promise<number | undefined> {
  const [row] = await database.query<{ many: number }>('SELECT count(*) AS many FROM imported')
  return row?.many
}

async function* rows(count: number, from = 1): AsyncGenerator<SqlValue[]> {
  for (let i = from; i < from + count; i++) yield rowOf(i)
}

/** Rows that come in a stream. */
export const importCases: readonly PersistenceCase[] = [
  {
    name: 'rows of a stream are imported as they are, whatever is in them',
    async run({ database }) {
      await withTable(database)
      assert.equal(await database.importRows('imported', columns, rows(12_000)), 12_000)
      assert.equal(await database.importRows('imported', columns, [rowOf(12_001)]), 1)
      assert.equal(await database.importRows('imported', columns, []), 0)
      const found = await database.query('SELECT id, body, big, bytes, ratio FROM imported ORDER BY id')
      assert.equal(found.length, 12_001)
      for (const i of [1, 2, 3, 4, 5, 6, 7, 8, 9, 5_000, 5_001, 12_000, 12_001]) {
        assert.deepEqual(Object.values(found[i - 1]!), rowOf(i))
      }
    },
  },
  {
    name: 'an import waits for its batches, joins the unit of work, and goes with it',
    async run({ database }) {
      await withTable(database)
      const written: (number | undefined)[] = []
      async function* source() {
        yield* rows(5_000)
        yield rowOf(5_001)
        written.push(await countOf(database))
        yield* rows(10, 5_002)
      }
      const unit = database.run(async () => {
        await database.importRows('imported', columns, source())
        written.push(await countOf(database))
        throw new Error('given up')
      })
      await assert.rejects(unit, /given up/)
      assert.deepEqual(written, [5_000, 5_011])
      assert.equal(await countOf(database), 0)
    },
  },
  {
    name: 'an import whose source fails leaves nothing',
    async run({ database }) {
      await withTable(database)
      async function* source() {
        yield* rows(6_000)
        throw new Error('the file ends here')
      }
      await assert.rejects(database.importRows('imported', columns, source()), /the file ends here/)
      assert.equal(await countOf(database), 0)
    },
  },
  {
    name: 'an import that violates a constraint leaves nothing, and names it and, where the engine does, the row',
    async run({ database }) {
      await withTable(database)
      async function* source() {
        yield* rows(7_000)
        yield rowOf(3)
        yield* rows(10, 7_001)
      }
      const error = await failure(database.importRows('imported', columns, source()))
      assert.equal(error.code, 'already_exists')
      assert.ok(error.details.constraint)
      if ('row' in error.details) assert.equal(error.details.row, 7_001)
      assert.equal(await countOf(database), 0)
      assert.equal(await database.importRows('imported', columns, rows(3)), 3)
    },
  },
  {
    name: 'an import refuses what no engine can hold by row and column, before it is sent',
    async run({ database }) {
      await withTable(database)
      const refusal = (row: readonly unknown[]) =>
        failure(database.importRows('imported', columns, [rowOf(1), row as SqlValue[]]))
      const nul = await refusal([2, 'a\0b', 1, null, 1])
      assert.equal(nul.code, 'invalid_argument')
      assert.deepEqual(nul.details, { row: 2, column: 'body' })
      assert.deepEqual((await refusal([2, undefined, 1, null, 1])).details, { row: 2, column: 'body' })
      assert.deepEqual((await refusal([2, 'short'])).details, { row: 2 })
      assert.equal(await countOf(database), 0)
    },
  },
  {
    name: 'an import that is aborted leaves nothing, and lets go of its source',
    async run({ database }) {
      await withTable(database)
      const giveUp = new AbortController()
      let released = false
      async function* source() {
        try {
          for (let i = 1; ; i++) {
            if (i === 5_500) giveUp.abort()
            yield rowOf(i)
          }
        } finally {
          released = true
        }
      }
      const { signal } = giveUp
      const error = await failure(database.importRows('imported', columns, source(), { signal }))
      assert.equal(error.code, 'cancelled')
      assert.equal(await countOf(database), 0)
      while (!released) await systemClock.sleep(1)
    },
  },
]
