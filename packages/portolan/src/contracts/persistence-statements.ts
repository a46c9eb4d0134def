import assert from 'node:assert/strict'
import type { SqlValue } from '../persistence/sql-value.ts'
import { failure } from './failure.ts'
import { add, numbers, type PersistenceCase, withTables } from './persistence-kit.ts'

const insertNumber = 'INSERT INTO numbers (n, note) VALUES (?, ?)'

/** Statements: values, errors, and the query language. */
export const statementCases: readonly PersistenceCase[] = [
  {
    name: 'execute tells how many rows changed, and query gives plain objects',
    async run({ database }) {
      await withTables(database)
      assert.equal(await database.execute(insertNumber, [1, 'a']), 1)
      await database.execute(insertNumber, [2, 'b'])
      assert.equal(await database.execute('UPDATE numbers SET n = n * 10'), 2)
      assert.equal(await database.execute('DELETE FROM numbers WHERE n = ?', [99]), 0)
      assert.deepEqual(await database.query('SELECT n, note FROM numbers ORDER BY n'), [
        { n: 10, note: 'a' },
        { n: 20, note: 'b' },
      ])
    },
  },
  {
    name: 'a statement whose answer nobody waits for is committed with its unit of work, or fails it with its own error',
    async run({ database }) {
      await withTables(database)
      const calls: string[] = []
      const send = (n: number) => database.send(insertNumber, [n, `sent ${n}`])
      const broken = (work: () => Promise<unknown>) =>
        failure(
          database.run(async () => {
            database.afterCommit(() => void calls.push('never'))
            await work()
          }),
        )
      await database.run(async () => {
        await add(database, 1)
        await send(2)
        database.afterCommit(() => void calls.push('after'))
      })
      await database.run(() => send(3))
      await send(4)
      assert.deepEqual(await numbers(database), [1, 2, 3, 4])
      const last = await broken(async () => {
        await add(database, 5)
        await send(1)
      })
      assert.equal(last.code, 'already_exists')
      const alone = await broken(() => send(1))
      assert.equal(alone.code, 'already_exists')
      const early = await broken(async () => {
        await add(database, 5)
        await send(1)
        await add(database, 6)
      })
      assert.equal(early.code, 'already_exists')
      const never = await broken(async () => {
        await add(database, 5)
        await database.send(insertNumber, [6])
      })
      assert.equal(never.code, 'invalid_argument')
      assert.deepEqual(await numbers(database), [1, 2, 3, 4])
      assert.deepEqual(calls, ['after'])
    },
  },
  {
    name: 'statements that change rows answer with them',
    requires: 'returning',
    async run({ database }) {
      await withTables(database)
      const inserted = await database.query(`${insertNumber} RETURNING n`, [10, 'a'])
      assert.deepEqual(inserted, [{ n: 10 }])
      const returned = await database.query(
        'UPDATE numbers SET n = n + 1 WHERE n = ? RETURNING n, note',
        [10],
      )
      assert.deepEqual(returned, [{ n: 11, note: 'a' }])
    },
    async otherwise({ database }) {
      await withTables(database)
      const update = database.query('UPDATE numbers SET n = n + 1 RETURNING n')
      assert.equal((await failure(update)).code, 'invalid_argument')
    },
  },
  {
    name: 'columns that are added later are seen by statements that ask for all',
    async run({ database }) {
      await withTables(database)
      await database.execute(insertNumber, [1, 'a'])
      const all = 'SELECT * FROM numbers'
      assert.deepEqual(await database.query(all), [{ n: 1, note: 'a' }])
      await database.execute('ALTER TABLE numbers ADD COLUMN extra integer')
      assert.deepEqual(await database.query(all), [{ n: 1, note: 'a', extra: null }])
    },
  },
  {
    name: 'integers keep all of their 64 bits; those that a number holds exactly come back as numbers',
    async run({ database }) {
      await withTables(database)
      const cases: [SqlValue, SqlValue][] = [
        [0, 0],
        [5n, 5],
        [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
        [2n ** 53n + 1n, 2n ** 53n + 1n],
        [-(2n ** 63n), -(2n ** 63n)],
        [2n ** 63n - 1n, 2n ** 63n - 1n],
      ]
      for (const [given, expected] of cases) {
        await database.execute('DELETE FROM numbers')
        await database.execute(insertNumber, [given, 'x'])
        assert.deepEqual(await database.query('SELECT n FROM numbers'), [{ n: expected }])
      }
    },
  },
  {
    name: 'values that look like SQL stay data, and so do identifiers in the query language',
    async run({ database }) {
      await withTables(database)
      const nasty = [
        "'; DROP TABLE numbers; --",
        '"',
        '`',
        '\\',
        '?',
        '%_',
        'Zoë 🛒 日本',
        '',
        ' ',
        "''",
        '/* */',
      ]
      for (let i = 0; i < nasty.length; i++) await database.execute(insertNumber, [i, nasty[i]!])
      const rows = await database.query<{ note: string }>('SELECT note FROM numbers ORDER BY n')
      assert.deepEqual(
        rows.map(({ note }) => note),
        nasty,
      )
      const found = await database
        .kysely<{ numbers: { n: number; note: string } }>()
        .selectFrom('numbers')
        .select(['n', 'note as "; DROP TABLE numbers; --'])
        .where('note', '=', nasty[0]!)
        .execute()
      assert.deepEqual(found, [{ n: 0, '"; DROP TABLE numbers; --': nasty[0] }])
    },
  },
  {
    name: 'question marks in literals, identifiers and comments are no placeholders',
    async run({ database }) {
      const [row] = await database.query<{ a: string; b: string }>(
        "SELECT '?' AS a, /* why? */ CAST(? AS char(1)) AS b -- really?\n",
        ['x'],
      )
      assert.deepEqual({ ...row }, { a: '?', b: 'x' })
    },
  },
  {
    name: 'what some engine could not keep is refused before it is stored',
    async run({ database }) {
      await withTables(database)
      const refused: unknown[] = [
        undefined,
        true,
        Number.NaN,
        Infinity,
        'a\0b',
        '\ud800',
        2n ** 63n,
        new Date(),
        {},
        ['x'],
      ]
      for (const value of refused) {
        const error = await failure(database.execute(insertNumber, [1, value as SqlValue]))
        assert.equal(error.code, 'invalid_argument', String(value))
        assert.deepEqual(error.details, { parameter: 2 })
      }
      assert.deepEqual(await database.query('SELECT n FROM numbers'), [])
    },
  },
  {
    name: 'too few or too many parameters, several statements, and bad SQL are refused',
    async run({ database }) {
      await withTables(database)
      const wrong: [string, SqlValue[]][] = [
        [insertNumber, [1]],
        [insertNumber, [1, 'a', 2]],
        ['SELECT 1; SELECT 2', []],
        ['SELEC 1', []],
        ['SELECT nothing FROM nowhere', []],
      ]
      for (const [sql, parameters] of wrong) {
        assert.equal((await failure(database.query(sql, parameters))).code, 'invalid_argument', sql)
        assert.equal(
          (await failure(database.run(() => database.query(sql, parameters)))).code,
          'invalid_argument',
          sql,
        )
      }
      assert.equal(await database.execute(`${insertNumber};`, [1, 'a']), 1)
    },
  },
  {
    name: 'violated constraints say which, once, and with the error of the engine',
    async run({ database }) {
      await withTables(database)
      await database.execute(insertNumber, [1, 'a'])
      const cart = 'INSERT INTO carts (id, customer, opened_at, version) VALUES (?, ?, ?, ?)'
      const line = 'INSERT INTO cart_lines (cart_id, sku, position, quantity) VALUES (?, ?, ?, ?)'
      await database.execute(cart, ['c', 'ada', 0, 1])
      const unique = await failure(database.execute(insertNumber, [2, 'a']))
      assert.equal(unique.code, 'already_exists')
      assert.equal(unique.details.kind, 'unique')
      assert.match(String(unique.details.constraint), /note/)
      const key = await failure(database.execute(insertNumber, [1, 'b']))
      assert.equal(key.code, 'already_exists')
      const empty = await failure(database.execute(cart, ['d', null, 0, 1]))
      assert.equal(empty.code, 'precondition_failed')
      assert.equal(empty.details.kind, 'not_null')
      assert.deepEqual(empty.details.columns, ['customer'])
      const check = await failure(database.execute(line, ['c', 'tea', 0, 0]))
      assert.equal(check.code, 'precondition_failed')
      assert.equal(check.details.kind, 'check')
      assert.match(String(check.details.constraint), /quantity/)
      const foreign = await failure(database.execute(line, ['nobody', 'tea', 0, 1]))
      assert.equal(foreign.code, 'precondition_failed')
      assert.equal(foreign.details.kind, 'foreign_key')
      for (const error of [unique, key, empty, check, foreign]) {
        assert.ok(error.cause instanceof Error)
        assert.equal(error.retry, 'never')
      }
    },
  },
]
