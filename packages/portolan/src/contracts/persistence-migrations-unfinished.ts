import assert from 'node:assert/strict'
import type { Database } from '../persistence/database.ts'
import type { Migration } from '../persistence/migrations.ts'
import type { Migrator, MigratorOptions } from '../persistence/migrator.ts'
import { failure } from './failure.ts'
import type { PersistenceCase } from './persistence-kit.ts'

const alone: Migration = {
  name: '0001-alone',
  up: `
    -- no transaction
    create table ponds (id integer not null primary key);
    insert into ponds (id) values (1);
    insert into nowhere (id) values (1);
    insert into ponds (id) values (2)`,
  down: '-- no transaction\ndrop table ponds',
}
const next: Migration = { name: '0002-next', up: 'create table fish (id integer)', down: 'drop table fish' }
const mended: Migration = {
  ...alone,
  up: String(alone.up).replace('nowhere (id) values (1)', 'ponds (id) values (3)'),
}

function garden(database: Database, migrations: readonly Migration[], options?: MigratorOptions): Migrator {
  return database.migrator('garden', migrations, options)
}

async function states(migrator: Migrator): Promise<string[]> {
  return (await migrator.status()).map(({ name, state }) => `${name} ${state}`)
}

/** Code outside of a transaction that goes on when it is told to. */
function gated(): { readonly migration: Migration; readonly begun: Promise<void>; open(): void } {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  return {
    begun: begun.promise,
    open: gate.resolve,
    migration: {
      name: '0001-slow',
      transaction: false,
      up: async database => {
        await database.execute('create table slow (id integer)')
        begun.resolve()
        await gate.promise
      },
    },
  }
}

/** What runs outside of a transaction and may stop half-way, and how people set it right. */
export const unfinishedMigrationCases: readonly PersistenceCase[] = [
  {
    name: 'a migration outside of a transaction that fails half-way is not run again: the next start says where it stopped',
    async run({ database }) {
      const migrator = garden(database, [alone, next])
      const failed = await failure(migrator.up())
      assert.equal(failed.code, 'invalid_argument')
      assert.equal(failed.retry, 'never')
      const expected = { migration: '0001-alone', statement: 3, direction: 'up' }
      const { migration, statement, direction } = failed.details
      assert.deepEqual({ migration, statement, direction }, expected)
      assert.deepEqual(await database.query('SELECT id FROM ponds'), [{ id: 1 }])

      const attempts = [
        () => migrator.up(),
        () => migrator.down(),
        () => migrator.plan(),
        () => migrator.requireApplied(),
      ]
      for (const again of attempts) {
        const refused = await failure(again())
        assert.equal(refused.code, 'precondition_failed')
        assert.match(
          refused.message,
          /^Statement 3 of migration '0001-alone' of 'garden' failed: .*portolan migrate resolve 0001-alone --applied --namespace garden.*--not-applied/,
        )
      }
      const [status, waiting] = await migrator.status()
      assert.deepEqual([status!.state, status!.run!.statement, waiting!.state], ['failed', 3, 'pending'])
      assert.ok(status!.run!.failure)
      assert.deepEqual(await database.query('SELECT id FROM ponds'), [{ id: 1 }])
    },
  },
  {
    name: 'what stopped half-way goes on when it is resolved as not applied',
    async run({ database }) {
      await failure(garden(database, [alone, next]).up())
      await database.execute('drop table ponds')
      const migrator = garden(database, [mended, next])
      await migrator.resolve('0001-alone', 'not_applied')
      assert.deepEqual(await states(migrator), ['0001-alone pending', '0002-next pending'])
      assert.deepEqual((await migrator.up()).applied, ['0001-alone', '0002-next'])
      assert.deepEqual(await database.query('SELECT id FROM ponds ORDER BY id'), [
        { id: 1 },
        { id: 2 },
        { id: 3 },
      ])
    },
  },
  {
    name: 'what stopped half-way counts when it is resolved as applied',
    async run({ database }) {
      await failure(garden(database, [alone, next]).up())
      const migrator = garden(database, [mended, next])
      const other = await failure(migrator.resolve('0002-next', 'applied'))
      assert.equal(other.code, 'precondition_failed')
      assert.match(other.message, /'0001-alone'/)
      await migrator.resolve('0001-alone', 'applied')
      assert.deepEqual(await migrator.up(), { applied: ['0002-next'], present: 1 })
      const [status] = await migrator.status()
      assert.deepEqual([status!.state, status!.durationMs], ['applied', undefined])
    },
  },
  {
    name: 'undoing outside of a transaction that fails half-way is refused and resolved the same way',
    async run({ database }) {
      const stuck = { ...mended, down: '-- no transaction\ndrop table ponds;\ndrop table nowhere' }
      const migrator = garden(database, [stuck])
      await migrator.up()
      const failed = await failure(migrator.down())
      assert.match(failed.message, /^Statement 2 of undoing migration '0001-alone'/)
      assert.equal(failed.details.direction, 'down')
      assert.deepEqual(await states(migrator), ['0001-alone failed'])
      assert.equal((await failure(migrator.up())).code, 'precondition_failed')
      await migrator.resolve('0001-alone', 'not_applied')
      assert.deepEqual((await migrator.up()).applied, ['0001-alone'])
    },
  },
  {
    name: 'while a migration runs outside of a transaction, others wait for it, and then go on',
    async run({ database }) {
      const { migration, begun, open } = gated()
      const seen: string[] = []
      const waiting = Promise.withResolvers<void>()
      const runs = [garden(database, [migration, next]).up()]
      await begun
      const watching = garden(database, [migration, next], {
        onProgress: ({ event }) => {
          seen.push(event)
          if (event === 'waiting') waiting.resolve()
        },
      })
      assert.deepEqual(await states(watching), ['0001-slow running', '0002-next pending'])
      assert.equal((await failure(watching.plan())).code, 'precondition_failed')
      runs.push(watching.up())
      await waiting.promise
      open()
      const reports = await Promise.all(runs)
      assert.deepEqual(reports.flatMap(({ applied }) => applied).sort(), ['0001-slow', '0002-next'])
      assert.equal(seen[0], 'waiting')
      const late = garden(database, [migration, next], { wait: 0 })
      assert.deepEqual(await late.up(), { applied: [], present: 2 })
    },
  },
  {
    name: 'who waits too long for another process is told so',
    async run({ database }) {
      const { migration, begun, open } = gated()
      const running = garden(database, [migration]).up()
      await begun
      const error = await failure(garden(database, [migration], { wait: 1 }).up())
      assert.deepEqual([error.code, error.retry], ['deadline_exceeded', 'later'])
      open()
      await running
    },
  },
  {
    name: 'a migration whose process is gone is refused like one that failed, and a process that was only slow learns of it',
    async run({ database }) {
      const { migration, begun, open } = gated()
      // It gives no sign of life within the lease of the other.
      const slow = garden(database, [migration], { lease: '1h' }).up()
      const outcome = failure(slow)
      await begun
      const other = garden(database, [migration], { lease: '50ms' })
      const refused = await failure(other.up())
      assert.equal(refused.code, 'precondition_failed')
      assert.match(
        refused.message,
        /^Migration '0001-slow' of 'garden' stopped without a word\..*resolve 0001-slow/,
      )
      await other.resolve('0001-slow', 'applied')
      open()
      assert.equal((await outcome).code, 'conflict')
      assert.deepEqual(await states(other), ['0001-slow applied'])
    },
  },
  {
    name: 'a migration that still runs cannot be resolved',
    async run({ database }) {
      const { migration, begun, open } = gated()
      const running = garden(database, [migration], { lease: '100ms' }).up()
      await begun
      const error = await failure(
        garden(database, [migration], { lease: '10s' }).resolve('0001-slow', 'applied'),
      )
      assert.equal(error.code, 'precondition_failed')
      open()
      await running
    },
  },
  {
    name: 'an existing schema is taken over, harmless edits are accepted, and forgotten migrations are struck off',
    async run({ database }) {
      const migrator = garden(database, [alone, next])
      const gap = await failure(migrator.resolve('0002-next', 'applied'))
      assert.match(gap.message, /'0001-alone' of 'garden' comes before '0002-next'/)
      await migrator.resolve('0001-alone', 'applied')
      await migrator.resolve('0002-next', 'applied')
      assert.deepEqual(await migrator.up(), { applied: [], present: 2 })
      const hole = await failure(migrator.resolve('0001-alone', 'not_applied'))
      assert.match(hole.message, /'0002-next' of 'garden' comes after '0001-alone'/)

      const edited = garden(database, [mended, next])
      assert.equal((await failure(edited.up())).code, 'precondition_failed')
      await edited.resolve('0001-alone', 'applied')
      assert.deepEqual(await edited.up(), { applied: [], present: 2 })

      const fewer = garden(database, [mended])
      assert.equal((await failure(fewer.up())).code, 'precondition_failed')
      assert.equal((await failure(fewer.resolve('0002-next', 'applied'))).code, 'invalid_argument')
      await fewer.resolve('0002-next', 'not_applied')
      assert.deepEqual(await fewer.up(), { applied: [], present: 1 })
      assert.equal((await failure(fewer.resolve('0009-unknown', 'applied'))).code, 'not_found')
    },
  },
]
