import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Database, SqlStatement, SqlValue } from 'portolan/persistence'
import { skipWithout } from 'portolan-engines'
import { failure } from '../../src/contracts/failure.ts'
import { onMysql } from './on-mysql.ts'

const skip = await skipWithout('mysql')

const opened = (...statements: readonly string[]) => onMysql(statements)

async function perform(
  database: Database,
  statements: readonly SqlStatement[] | Promise<readonly SqlStatement[]>,
) {
  let changed = 0
  for (const { sql, parameters } of await statements) changed += await database.execute(sql, parameters)
  return changed
}

test('columns of every type come back in a form that every engine has', { skip }, async () => {
  const cases: [type: string, given: SqlValue, read: SqlValue][] = [
    ['tinyint', -1, -1],
    ['bool', 1, 1],
    ['bigint unsigned', 2n ** 63n - 1n, 2n ** 63n - 1n],
    ['bigint unsigned', '18446744073709551615', 18446744073709551615n],
    ['bit(1)', 1, 1],
    ['bit(64)', 2n ** 60n, 2n ** 60n],
    ['decimal(10,2)', '1.50', '1.50'],
    ['decimal(20,0)', 7, 7],
    ['decimal(30,0)', '12345678901234567890123', 12345678901234567890123n],
    ['float', 1.1, 1.1],
    ['double', 0.1, 0.1],
    ['double', 5, 5],
    ['double', 1e300, 1e300],
    ['year', 2024, 2024],
    ['date', '2024-02-29', '2024-02-29'],
    ['datetime(3)', '2024-02-29 23:59:59.123', '2024-02-29 23:59:59.123'],
    ['timestamp', '2024-02-29 23:59:59', '2024-02-29 23:59:59'],
    ['time', '-12:34:56', '-12:34:56'],
    ['json', '{"b": [1.5]}', '{"b": [1.5]}'],
    ["enum('a','b')", 'b', 'b'],
    ['varbinary(10)', new Uint8Array([0, 39, 92, 255]), new Uint8Array([0, 39, 92, 255])],
    ['blob', new Uint8Array(), new Uint8Array()],
    ['longtext', '🛒 \\ \' " ', '🛒 \\ \' " '],
    ['varchar(5)', null, null],
  ]
  const columns = cases.map(([type], i) => `c${i} ${type} null`)
  await using on = await opened(`CREATE TABLE every (id bigint not null primary key, ${columns.join(', ')})`)
  const { database } = on
  const names = ['id', ...cases.map((_, i) => `c${i}`)]
  const row = (id: number) => [id, ...cases.map(([, given]) => given)]
  const marks = names.map(() => '?').join(', ')
  await database.execute(`INSERT INTO every (${names.join(', ')}) VALUES (${marks})`, row(1))
  // Enough rows for their values to be written into the statement.
  await perform(
    database,
    database.grammar.inserts(
      'every',
      names,
      Array.from({ length: 20 }, (_, i) => row(i + 2)),
    ),
  )
  const rows = await database.query('SELECT * FROM every ORDER BY id')
  assert.equal(rows.length, 21)
  for (const [index, read] of rows.entries()) {
    assert.deepEqual(Object.values(read), [index + 1, ...cases.map(([, , expected]) => expected)])
  }
})

test('what no engine else could hold is refused with what to select instead', { skip }, async () => {
  await using on = await opened('CREATE TABLE places (id bigint not null primary key, at point not null)')
  const { database } = on
  await database.execute('INSERT INTO places VALUES (1, POINT(1, 2))')
  const error = await failure(database.query('SELECT at FROM places'))
  assert.equal(error.code, 'unsupported')
  assert.match(error.message, /ST_AsText/)
  assert.deepEqual(await database.query('SELECT ST_AsText(at) AS at FROM places'), [{ at: 'POINT(1 2)' }])
})

test('values arrive the same whether bound or written into a statement, whatever they hold', {
  skip,
}, async () => {
  await using on = await opened(
    'CREATE TABLE held (id bigint not null primary key, t longtext, n bigint, d double, b longblob)',
  )
  const { database } = on
  const columns = ['id', 't', 'n', 'd', 'b']
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }).filter(s => !s.includes('\0')),
    fc
      .array(fc.constantFrom("'", '\\', '"', '`', '?', '-- ', '#', '/*', '*/', ';', '\n', "\\'", 'x'), {
        maxLength: 12,
      })
      .map(parts => parts.join('')),
  )
  const row = fc.tuple(
    fc.option(text),
    fc.option(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map(d => (d === 0 ? 0 : d))),
    fc.option(fc.uint8Array({ maxLength: 40 })),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 40, maxLength: 60 }), async given => {
      const rows = given.map((values, id) => [id, ...values])
      const narrow = (value: SqlValue) =>
        typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
      const expected = rows.map(values => values.map(narrow))
      const read = async () =>
        (await database.query('SELECT * FROM held ORDER BY id')).map(found => Object.values(found))
      await database.execute('DELETE FROM held')
      await perform(database, database.grammar.inserts('held', columns, rows))
      assert.deepEqual(await read(), expected)
      await database.execute('DELETE FROM held')
      for (const values of rows)
        await database.execute('INSERT INTO held (id, t, n, d, b) VALUES (?, ?, ?, ?, ?)', values)
      assert.deepEqual(await read(), expected)
    }),
    { numRuns: 10 },
  )
})

test('many rows are read by the primary key, on tables of any collation', { skip }, async () => {
  await using on = await opened(
    'CREATE TABLE own (id varchar(40) not null, n bigint not null, name varchar(40), primary key (id, n))',
    'CREATE TABLE other (id varchar(40) not null, n bigint not null, name varchar(40), primary key (id, n)) COLLATE utf8mb4_general_ci',
  )
  const { database } = on
  const rows = Array.from({ length: 3_000 }, (_, i) => [`id-${i}`, i, 'before'])
  for (const table of ['own', 'other']) {
    assert.equal(await perform(database, database.grammar.inserts(table, ['id', 'n', 'name'], rows)), 3_000)
    for (const count of [2, 50, 1_000]) {
      const keys = rows.slice(0, count).map(([id, n]) => [id!, n!])
      const updates = await database.grammar.updates(
        { table, columns: ['name'], matched: ['id', 'n'] },
        keys.map(key => ['after', ...key]),
      )
      const deletes = await database.grammar.deletes(table, ['id', 'n'], keys)
      const [list] = await database.grammar.lists(
        table,
        'id',
        keys.map(([id]) => id!),
      )
      const select = { sql: `SELECT * FROM ${table} WHERE id IN ${list!.sql}`, parameters: list!.parameters }
      // A query of a third of a table is better off without the key.
      const queries = count < 1_000 ? [select] : []
      for (const { sql, parameters } of [updates[0]!, deletes[0]!, ...queries]) {
        const plan = await database.query<{ table: string; type: string; key: string | null }>(
          `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
          parameters,
        )
        const step = plan.find(one => one.table === table)
        assert.equal(
          step?.type === 'index' ? step.type : step?.key,
          'PRIMARY',
          `${count}: ${sql.slice(0, 60)} ${JSON.stringify(step)}`,
        )
      }
      assert.equal(await perform(database, updates), count)
    }
    assert.equal(
      await perform(
        database,
        database.grammar.deletes(
          table,
          ['id', 'n'],
          rows.map(([id, n]) => [id!, n!]),
        ),
      ),
      3_000,
    )
  }
})

test('rows that are large together come in several statements; what is larger than the server takes is refused', {
  skip,
}, async () => {
  await using on = await opened('CREATE TABLE big (id bigint not null primary key, b longblob, t longtext)')
  const { database } = on
  const rows = Array.from({ length: 12 }, (_, id) => [
    id,
    new Uint8Array(200_000).fill(id),
    `\\'`.repeat(50_000),
  ])
  assert.ok((await database.grammar.inserts('big', ['id', 'b', 't'], rows)).length > 1)
  assert.equal(await perform(database, database.grammar.inserts('big', ['id', 'b', 't'], rows)), 12)
  const sums = await database.query('SELECT SUM(LENGTH(b)) AS bytes, SUM(LENGTH(t)) AS text FROM big')
  assert.deepEqual(sums, [{ bytes: 2_400_000, text: 1_200_000 }])
  const [most] = await database.query<{ most: number }>('SELECT @@max_allowed_packet AS most')
  const huge = new Uint8Array(most!.most)
  const error = await failure(database.execute('INSERT INTO big (id, b) VALUES (?, ?)', [100, huge]))
  assert.equal(error.code, 'invalid_argument')
  assert.match(error.message, /max_allowed_packet/)
})

test('queries with more parameters than can be bound are still answered', { skip }, async () => {
  await using on = await opened('CREATE TABLE numbers (n bigint not null primary key)')
  const { database } = on
  const all = Array.from({ length: 66_000 }, (_, n) => n)
  await perform(
    database,
    database.grammar.inserts(
      'numbers',
      ['n'],
      all.map(n => [n]),
    ),
  )
  const marks = all.map(() => '?').join()
  const [row] = await database.query(`SELECT COUNT(*) AS found FROM numbers WHERE n IN (${marks})`, all)
  assert.deepEqual(row, { found: 66_000 })
})

test('texts are compared as they are, unless a table says otherwise', { skip }, async () => {
  await using on = await opened(
    `CREATE TABLE exact (word varchar(20) not null primary key) -- nothing more`,
    `CREATE TABLE loose (word varchar(20) not null primary key) COLLATE utf8mb4_general_ci`,
  )
  const { database } = on
  for (const word of ['a', 'A', 'a ', 'ä'])
    assert.equal(await database.execute('INSERT INTO exact VALUES (?)', [word]), 1)
  assert.deepEqual(await database.query('SELECT word FROM exact WHERE word = ?', ['a']), [{ word: 'a' }])
  await database.execute("INSERT INTO loose VALUES ('a')")
  assert.equal((await failure(database.execute("INSERT INTO loose VALUES ('A')"))).code, 'already_exists')
})

test('changed rows are counted as on the other engines', { skip }, async () => {
  await using on = await opened('CREATE TABLE counts (id bigint not null primary key, n bigint not null)')
  const { database } = on
  const { grammar } = database
  const upsert = grammar.insertOrUpdate('counts', ['id', 'n'], ['id'], given => ({
    n: `"counts"."n" + ${given('n')}`,
  }))
  assert.equal(await database.execute(upsert, [1, 5]), 1)
  assert.equal(await database.execute(upsert, [1, 5]), 1)
  assert.equal(await database.execute(upsert, [1, 0]), 1)
  assert.equal(await database.execute('REPLACE INTO counts VALUES (1, 3), (2, 4)'), 2)
  assert.equal(await database.execute('UPDATE counts SET n = n'), 2)
  assert.equal(await database.execute('CREATE INDEX by_n ON counts (n)'), 0)
  assert.equal(await database.execute('SET @x = 1'), 0)
})

test('values that do not fit are refused with their column; violated constraints with all of theirs', {
  skip,
}, async () => {
  await using on = await opened(
    'CREATE TABLE parents (id bigint not null primary key)',
    `CREATE TABLE rows_ (
      id bigint not null primary key, code varchar(3) not null, small smallint, kind enum('a', 'b'), day date, parent bigint,
      constraint code_and_day unique (code, day), constraint small_enough check (small < 100),
      constraint of_parent foreign key (parent) references parents (id))`,
  )
  const { database } = on
  const insert = (columns: string, ...values: SqlValue[]) =>
    failure(
      database.execute(`INSERT INTO rows_ (${columns}) VALUES (${values.map(() => '?').join(', ')})`, values),
    )
  const unfit: [string, SqlValue][] = [
    ['code', 'abcd'],
    ['small', 99_999],
    ['small', 'many'],
    ['kind', 'no-such-kind'],
    ['day', '2024-02-30'],
  ]
  for (const [column, value] of unfit) {
    const error = await (column === 'code'
      ? insert('id, code', 1, value)
      : insert(`id, code, ${column}`, 1, 'a', value))
    assert.equal(error.code, 'invalid_argument', error.message)
    assert.equal(error.details.column, column)
    assert.ok(!error.message.includes(String(value)), error.message)
  }
  await database.execute("INSERT INTO rows_ (id, code, day) VALUES (1, 'a', '2024-01-01')")
  const violations: [Awaited<ReturnType<typeof insert>>, string, object][] = [
    [
      await insert('id, code', 1, 'b'),
      'already_exists',
      { kind: 'unique', constraint: 'PRIMARY', table: 'rows_', columns: ['id'] },
    ],
    [
      await insert('id, code, day', 2, 'a', '2024-01-01'),
      'already_exists',
      { kind: 'unique', constraint: 'code_and_day', table: 'rows_', columns: ['code', 'day'] },
    ],
    [
      await insert('id, code', 2, null),
      'precondition_failed',
      { kind: 'not_null', constraint: 'code', columns: ['code'] },
    ],
    [
      await insert('id', 2),
      'precondition_failed',
      { kind: 'not_null', constraint: 'code', columns: ['code'] },
    ],
    [
      await insert('id, code, parent', 2, 'b', 7),
      'precondition_failed',
      { kind: 'foreign_key', constraint: 'of_parent', table: 'rows_', columns: ['parent'] },
    ],
  ]
  for (const [error, code, details] of violations) {
    assert.equal(error.code, code, error.message)
    assert.deepEqual(error.details, details)
  }
  const check = await insert('id, code, small', 2, 'b', 100)
  assert.equal(check.code, 'precondition_failed')
  assert.equal(check.details.constraint, 'small_enough')
})

test('a change of the schema commits what was before it, and what comes after is one transaction again', {
  skip,
}, async () => {
  await using on = await opened('CREATE TABLE numbers (n bigint not null primary key)')
  const { database } = on
  const unit = database.run(async () => {
    await database.execute('INSERT INTO numbers VALUES (1)')
    await database.execute('CREATE TABLE more (n bigint not null primary key)')
    await database.execute('INSERT INTO numbers VALUES (2)')
    await database.execute('INSERT INTO more VALUES (3)')
    throw new Error('mistake')
  })
  await assert.rejects(unit, /mistake/)
  assert.deepEqual(await database.query('SELECT n FROM numbers'), [{ n: 1 }])
  assert.deepEqual(await database.query('SELECT n FROM more'), [])
})

test('the query language writes literals, paths and identifiers for sessions without backslash escapes', {
  skip,
}, async () => {
  await using on = await opened('CREATE TABLE docs (id bigint not null primary key, "a ""b" json)')
  const { database } = on
  const db = database.kysely<{ docs: { id: number; 'a "b': string } }>()
  const { sql } = await import('kysely')
  const doc = `{"it's \\\\": "x"}`
  await database.execute('INSERT INTO docs VALUES (1, ?)', [doc])
  const [row] = await db
    .selectFrom('docs')
    .select(['a "b as doc', sql.lit("\\'; --").as('text')])
    .where('id', '=', sql.lit(1))
    .execute()
  assert.deepEqual({ ...row }, { doc, text: "\\'; --" })
})
