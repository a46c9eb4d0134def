import assert from 'node:assert/strict'
import type { Migration } from '../persistence/migrations.ts'
import type { MigrationProgress } from '../persistence/migrator.ts'
import { failure } from './failure.ts'
import { first, garden, second, states, third } from './persistence-garden.ts'
import type { PersistenceCase } from './persistence-kit.ts'
import { refusedMigrationCases } from './persistence-migrations-refused.ts'
import { unfinishedMigrationCases } from './persistence-migrations-unfinished.ts'

/** Migrations: once each, in order, all or nothing. */
export const migrationCases: readonly PersistenceCase[] = [
  {
    name: 'migrations are applied in order, once, and later ones when they come',
    async run({ database }) {
      const report = await database.migrate('garden', [second, first])
      assert.deepEqual(report, { applied: ['0001-plants', '0002-heights'], present: 0 })
      assert.deepEqual(await database.migrate('garden', [first, second]), { applied: [], present: 2 })
      assert.deepEqual(await database.migrate('garden', [first, second, third]), {
        applied: ['0003-code'],
        present: 2,
      })
      assert.deepEqual(await database.query('SELECT id, name, height FROM plants'), [
        { id: 1, name: 'oak; ash', height: 12 },
      ])
    },
  },
  {
    name: 'migrations are applied up to the one that was named',
    async run({ database }) {
      const migrator = garden(database, [first, second, third])
      assert.deepEqual(await migrator.up({ to: '0002-heights' }), {
        applied: ['0001-plants', '0002-heights'],
        present: 0,
      })
      assert.deepEqual(await migrator.up({ to: '0001-plants' }), { applied: [], present: 2 })
      const unknown = await failure(migrator.up({ to: '0002-height' }))
      assert.equal(unknown.code, 'not_found')
      assert.match(unknown.message, /'0002-heights'/)
    },
  },
  {
    name: 'a plan tells what would run, and neither it nor a status changes anything',
    async run({ database }) {
      const migrator = garden(database, [first, second, third])
      const plan = await migrator.plan()
      assert.deepEqual(
        plan.map(({ name, direction, statements }) => [name, direction, statements?.length]),
        [
          ['0001-plants', 'up', 2],
          ['0002-heights', 'up', 1],
          ['0003-code', 'up', undefined],
        ],
      )
      assert.equal(plan[0]!.transaction, database.capabilities.transactionalSchema)
      assert.deepEqual(plan[1]!.statements, [second.up])
      assert.deepEqual(await states(migrator), [
        '0001-plants pending',
        '0002-heights pending',
        '0003-code pending',
      ])
      assert.equal((await failure(migrator.requireApplied())).code, 'precondition_failed')
      for (const table of ['plants', 'portolan_migrations', 'portolan_migration_runs']) {
        const absent = await failure(database.query(`SELECT * FROM ${table}`))
        assert.equal(absent.code, 'invalid_argument', table)
      }
      await migrator.up({ to: '0002-heights' })
      assert.deepEqual(
        (await migrator.plan('down', { steps: Infinity })).map(({ name }) => name),
        ['0002-heights', '0001-plants'],
      )
      assert.deepEqual(
        (await migrator.plan('up')).map(({ name }) => name),
        ['0003-code'],
      )
    },
  },
  {
    name: 'a start that must not migrate names what is pending, and the command',
    async run({ database }) {
      await garden(database, [first, second, third]).up({ to: '0001-plants' })
      const error = await failure(garden(database, [first, second, third]).requireApplied())
      assert.equal(error.code, 'precondition_failed')
      assert.deepEqual(error.details.pending, ['0002-heights', '0003-code'])
      assert.match(error.message, /0002-heights, 0003-code.*portolan migrate up --namespace garden/)
      assert.deepEqual(await garden(database, [first]).requireApplied(), { applied: [], present: 1 })
    },
  },
  {
    name: 'a status tells when each migration was applied, and what is wrong with it',
    async run({ database }) {
      await garden(database, [first, second]).up()
      const applied = await garden(database, [first, second, third]).status()
      assert.deepEqual(
        applied.map(({ name, state, reversible }) => [name, state, reversible]),
        [
          ['0001-plants', 'applied', true],
          ['0002-heights', 'applied', true],
          ['0003-code', 'pending', false],
        ],
      )
      assert.ok(applied[0]!.appliedAt! <= applied[1]!.appliedAt!)
      assert.ok(applied[0]!.durationMs! >= 0)
      assert.equal(applied[2]!.appliedAt, undefined)
      const edited = { ...first, up: `${String(first.up)}; create table more (id integer)` }
      const late = { name: '0001a-late', up: 'create table late (id integer)' }
      assert.deepEqual(await states(garden(database, [edited, late, third])), [
        '0001-plants edited',
        '0001a-late out_of_order',
        '0002-heights missing',
        '0003-code pending',
      ])
    },
  },
  {
    name: 'namespaces do not know each other',
    async run({ database }) {
      await database.migrate('garden', [first])
      const other = { name: '0000-tools', up: 'create table tools (id integer)' }
      assert.deepEqual(await database.migrate('shed', [other]), { applied: ['0000-tools'], present: 0 })
    },
  },
  {
    name: 'a migration that fails leaves the earlier ones applied, and nothing of itself',
    requires: 'transactionalSchema',
    async run({ database }) {
      const broken = {
        name: '0002-broken',
        up: 'create table half (id integer); insert into nowhere values (1)',
      }
      const error = await failure(
        database.migrate('garden', [first, broken, { ...second, name: '0003-later' }]),
      )
      assert.equal(error.code, 'invalid_argument')
      assert.deepEqual(
        { migration: error.details.migration, statement: error.details.statement },
        { migration: '0002-broken', statement: 2 },
      )
      assert.equal((await failure(database.query('SELECT id FROM half'))).code, 'invalid_argument')
      const mended = { ...broken, up: 'create table half (id integer)' }
      assert.deepEqual(await database.migrate('garden', [first, mended]), {
        applied: ['0002-broken'],
        present: 1,
      })
    },
    async otherwise({ database }) {
      const broken = {
        name: '0002-broken',
        up: 'create table half (id integer); insert into nowhere values (1)',
      }
      const error = await failure(database.migrate('garden', [first, broken]))
      assert.match(error.message, /Statement 2 of migration '0002-broken'.*--not-applied/)
      assert.deepEqual(await database.query('SELECT id FROM half'), [])
      assert.deepEqual(await states(garden(database, [first, broken])), [
        '0001-plants applied',
        '0002-broken failed',
      ])
    },
  },
  {
    name: 'code that fails leaves the earlier ones applied, and nothing of itself',
    requires: 'transactionalSchema',
    async run({ database }) {
      const broken: Migration = {
        name: '0002-broken',
        up: async db => {
          await db.execute('UPDATE plants SET name = ?', ['elm'])
          throw new Error('no such tree')
        },
      }
      await assert.rejects(database.migrate('garden', [first, broken]), /no such tree/)
      assert.deepEqual(await database.query('SELECT name FROM plants'), [{ name: 'oak; ash' }])
    },
  },
  {
    name: 'migrations are undone in reverse, where they can be',
    async run({ database }) {
      const two = garden(database, [first, second])
      await two.up()
      assert.deepEqual(await two.down(), ['0002-heights'])
      assert.deepEqual(await database.query('SELECT * FROM plants'), [{ id: 1, name: 'oak; ash' }])
      assert.deepEqual(await two.up(), { applied: ['0002-heights'], present: 1 })
      assert.deepEqual(await two.down({ to: '0001-plants' }), ['0002-heights'])
      await two.up()
      assert.deepEqual(await two.down({ steps: 5 }), ['0002-heights', '0001-plants'])
      assert.equal((await failure(database.query('SELECT id FROM plants'))).code, 'invalid_argument')
      assert.deepEqual(await two.down({ steps: Infinity }), [])
      assert.equal((await failure(two.down({ steps: 0 }))).code, 'invalid_argument')

      const three = garden(database, [first, second, third])
      await three.up()
      assert.equal((await failure(three.down({ steps: 3 }))).code, 'unsupported')
      assert.deepEqual(await states(three), [
        '0001-plants applied',
        '0002-heights applied',
        '0003-code applied',
      ])
    },
  },
  {
    name: 'inside of a unit of work, migrations are refused',
    async run({ database }) {
      const error = await failure(database.run(() => database.migrate('garden', [first])))
      assert.equal(error.code, 'precondition_failed')
      assert.deepEqual(await states(garden(database, [first])), ['0001-plants pending'])
    },
  },
  {
    name: 'whoever watches is told of each migration and statement',
    async run({ database }) {
      const seen: MigrationProgress[] = []
      await garden(database, [first, third, { ...second, name: '0002-heights' }], {
        onProgress: progress => seen.push(progress),
      }).up()
      assert.deepEqual(
        seen.map(({ event, name, statement, statements }) => [event, name, statement, statements]),
        [
          ['begun', '0001-plants', undefined, 2],
          ['statement', '0001-plants', 1, 2],
          ['statement', '0001-plants', 2, 2],
          ['done', '0001-plants', undefined, 2],
          ['begun', '0002-heights', undefined, 1],
          ['statement', '0002-heights', 1, 1],
          ['done', '0002-heights', undefined, 1],
          ['begun', '0003-code', undefined, undefined],
          ['done', '0003-code', undefined, undefined],
        ],
      )
    },
  },
  {
    name: 'what an older version had recorded stays, and its tables grow',
    async run({ database }) {
      await database.execute(
        'CREATE TABLE portolan_migrations (namespace VARCHAR(100) NOT NULL, name VARCHAR(200) NOT NULL, checksum VARCHAR(80) NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (namespace, name))',
      )
      await database.execute(
        'CREATE TABLE portolan_migration_locks (namespace VARCHAR(100) NOT NULL PRIMARY KEY, taken BIGINT NOT NULL)',
      )
      await database.execute('INSERT INTO portolan_migrations VALUES (?, ?, ?, ?)', [
        ...['garden', '0000-old', 'code'],
        1_700_000_000_000,
      ])
      const old: Migration = { name: '0000-old', up: async () => {} }
      const migrator = garden(database, [old, first])
      assert.deepEqual(await states(migrator), ['0000-old applied', '0001-plants pending'])
      assert.deepEqual(await migrator.up(), { applied: ['0001-plants'], present: 1 })
      const [before, now] = await migrator.status()
      assert.deepEqual(before!.appliedAt, new Date(1_700_000_000_000))
      assert.deepEqual([before!.durationMs, typeof now!.durationMs], [undefined, 'number'])
    },
  },
  {
    name: 'ten that start at once apply each migration once',
    requires: 'shared',
    async run({ database, another }) {
      const all = [database, ...(await Promise.all(Array.from({ length: 9 }, another)))]
      const alone: Migration = {
        name: '0004-alone',
        up: '-- no transaction\ncreate table alone (id integer);\ninsert into alone values (1);',
      }
      const reports = await Promise.all(all.map(one => one.migrate('garden', [first, second, third, alone])))
      assert.deepEqual(reports.flatMap(({ applied }) => applied).sort(), [
        '0001-plants',
        '0002-heights',
        '0003-code',
        '0004-alone',
      ])
      assert.deepEqual(await database.query('SELECT id FROM alone'), [{ id: 1 }])
    },
  },
  ...refusedMigrationCases,
  ...unfinishedMigrationCases,
]
