import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { failure } from './failure.ts'
import { add, type ContractTables, type PersistenceCase, withTables } from './persistence-kit.ts'

interface Numbers {
  numbers: { n: number; note: string }
}

/** The query language: Kysely over the transaction in progress. */
export const queryLanguageCases: readonly PersistenceCase[] = [
  {
    name: 'the query language joins the unit of work, and begins none of its own',
    async run({ database }) {
      await withTables(database)
      const db = database.kysely<ContractTables>()
      const row = { id: 'c', customer: 'ada', opened_at: 0, version: 1 }
      const outcome = database.run(async () => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('carts')
          .values(row)
          .executeTakeFirstOrThrow()
        assert.equal(numInsertedOrUpdatedRows, 1n)
        assert.deepEqual(await db.selectFrom('carts').selectAll().execute(), [row])
        const updated = await db.updateTable('carts').set({ customer: 'eve' }).executeTakeFirst()
        assert.equal(updated.numUpdatedRows, 1n)
        throw new Error('roll back')
      })
      await assert.rejects(outcome, /roll back/)
      assert.deepEqual(await db.selectFrom('carts').selectAll().execute(), [])
      const own = db.transaction().execute(async () => {})
      assert.equal((await failure(own)).code, 'unsupported')
    },
  },
  {
    name: 'the query language tells how many rows a statement changed, raw ones included',
    async run({ database }) {
      await withTables(database)
      const db = database.kysely<Numbers>()
      const many = [1, 2, 3].map(n => ({ n, note: `number ${n}` }))
      const [inserted] = await db.insertInto('numbers').values(many).execute()
      assert.equal(inserted?.numInsertedOrUpdatedRows, 3n)
      const [updated] = await db.updateTable('numbers').set({ note: 'x' }).where('n', '=', 9).execute()
      assert.equal(updated?.numUpdatedRows, 0n)
      const [deleted] = await db.deleteFrom('numbers').where('n', '>', 1).execute()
      assert.equal(deleted?.numDeletedRows, 2n)
      const raw = await sql`update numbers set note = ${'raw'} where n = ${1}`.execute(db)
      assert.equal(raw.numAffectedRows, 1n)
      const { rows } = await sql<{ note: string }>`select note from ${sql.table('numbers')}`.execute(db)
      assert.deepEqual(rows, [{ note: 'raw' }])
    },
  },
  {
    name: 'the query language gives the rows that a statement changed',
    requires: 'returning',
    async run({ database }) {
      await withTables(database)
      const db = database.kysely<Numbers>()
      const many = [1, 2].map(n => ({ n, note: `number ${n}` }))
      assert.deepEqual(await db.insertInto('numbers').values(many).returningAll().execute(), many)
      const updated = await db
        .updateTable('numbers')
        .set({ note: 'x' })
        .where('n', '=', 2)
        .returning(['n', 'note'])
        .executeTakeFirst()
      assert.deepEqual(updated, { n: 2, note: 'x' })
      const deleted = await db.deleteFrom('numbers').returning('n').where('n', '=', 1).execute()
      assert.deepEqual(deleted, [{ n: 1 }])
    },
  },
  {
    name: 'counts, sums, averages and extremes have the same types on every engine',
    async run({ database }) {
      await withTables(database)
      const db = database.kysely<Numbers & Pick<ContractTables, 'samples'>>()
      const facts = () =>
        db
          .selectFrom('numbers')
          .select(({ fn }) => [
            fn.countAll<number>().as('count'),
            fn.count<number>('note').distinct().as('notes'),
            fn.sum<number>('n').as('sum'),
            fn.avg<number>('n').as('avg'),
            fn.min('n').as('min'),
            fn.max('n').as('max'),
          ])
          .executeTakeFirstOrThrow()
      const none = { count: 0, notes: 0, sum: null, avg: null, min: null, max: null }
      assert.deepEqual(await facts(), none)
      for (const n of [1, 2, 7, 8]) await add(database, n)
      assert.deepEqual(await facts(), { count: 4, notes: 4, sum: 18, avg: 4.5, min: 1, max: 8 })
      await database.execute('DELETE FROM numbers WHERE n < ?', [7])
      await add(database, 9)
      assert.equal((await facts()).avg, 8)
      // Also where a query only passes them on, and over a window.
      const passed = await db
        .selectFrom(eb =>
          eb
            .selectFrom('numbers')
            .select(({ fn }) => fn.avg<number>('n').as('mean'))
            .as('inner_query'),
        )
        .select('mean')
        .execute()
      assert.deepEqual(passed, [{ mean: 8 }])
      const windowed = await db
        .selectFrom('numbers')
        .select(({ fn }) =>
          fn
            .avg<number>('n')
            .over(over => over.partitionBy('note'))
            .as('mean'),
        )
        .orderBy('n')
        .execute()
      assert.deepEqual(windowed, [{ mean: 7 }, { mean: 8 }, { mean: 9 }])
      const large = 2n ** 62n
      await database.execute('DELETE FROM numbers')
      await database.execute('INSERT INTO numbers (n, note) VALUES (?, ?), (?, ?)', [large, 'a', -1n, 'b'])
      assert.equal((await facts()).sum as unknown, large - 1n)
    },
  },
  {
    name: 'the query language takes values as data, and refuses what some engine could not keep',
    async run({ database }) {
      await withTables(database)
      const db = database.kysely<Numbers>()
      const nasty = "'; DROP TABLE numbers; --"
      await db.insertInto('numbers').values({ n: 1, note: nasty }).execute()
      assert.deepEqual(
        await db.selectFrom('numbers').select('n').where('note', 'in', [nasty, 'x']).execute(),
        [{ n: 1 }],
      )
      const refused: unknown[] = [
        undefined,
        true,
        Number.NaN,
        'nul\0',
        'half \ud83d',
        2n ** 64n,
        new Date(0),
        {},
      ]
      for (const value of refused) {
        const insert = db.insertInto('numbers').values({ n: 2, note: sql`${value}` as never })
        assert.equal((await failure(insert.execute())).code, 'invalid_argument')
      }
      assert.equal((await db.selectFrom('numbers').selectAll().execute()).length, 1)
    },
  },
  {
    name: 'the query language neither streams over a connection nor closes any',
    async run({ database }) {
      await withTables(database)
      const db = database.kysely<Numbers>()
      await add(database, 1)
      const streamed = Array.fromAsync(db.selectFrom('numbers').selectAll().stream())
      assert.equal((await failure(streamed)).code, 'unsupported')
      assert.equal((await failure(db.startTransaction().execute())).code, 'unsupported')
      assert.equal((await failure(db.destroy())).code, 'unsupported')
      assert.equal((await database.kysely<Numbers>().selectFrom('numbers').selectAll().execute()).length, 1)
    },
  },
]
