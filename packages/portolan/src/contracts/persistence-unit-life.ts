import assert from 'node:assert/strict'
import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { failure } from './failure.ts'
import { add, numbers, type PersistenceCase, withTables } from './persistence-kit.ts'

/** The life of a unit of work: how it ends, what outlives it, and what closing the database means for it. */
export const unitLifeCases: readonly PersistenceCase[] = [
  {
    name: 'afterCommit runs once after the commit, never after a rollback, and its failure changes nothing',
    async run({ database }) {
      await withTables(database)
      const calls: string[] = []
      await database.run(async () => {
        database.afterCommit(() => {
          calls.push(database.inTransaction() ? 'inside' : 'after')
          throw new Error('in a hook')
        })
        const nested = database.run(
          async () => {
            database.afterCommit(() => void calls.push('nested'))
            throw new Error('rolled back')
          },
          { propagation: 'nested' },
        )
        await nested.catch(() => {})
        await add(database, 1)
        assert.deepEqual(calls, [])
      })
      assert.deepEqual(calls, ['after'])
      const failed = database.run(async () => {
        database.afterCommit(() => void calls.push('never'))
        throw new Error('rolled back')
      })
      await failed.catch(() => {})
      database.afterCommit(() => void calls.push('at once'))
      assert.deepEqual(calls, ['after', 'at once'])
    },
  },
  {
    name: 'what is kept for the commit is handed over once, inside of the unit, without what a savepoint has rolled back',
    async run({ database }) {
      await withTables(database)
      const handed: (readonly number[])[] = []
      const sink = async (items: readonly number[]) => {
        handed.push(items)
        for (const item of items) await add(database, item)
      }
      const nested = { propagation: 'nested' } as const
      await database.run(async () => {
        await database.beforeCommit(sink, [1, 2])
        await database.run(() => database.beforeCommit(sink, [3]), nested)
        const broken = database.run(async () => {
          await database.beforeCommit(sink, [4])
          throw new Error('rolled back')
        }, nested)
        await broken.catch(() => {})
        await database.run(() => database.beforeCommit(sink, [5]))
        assert.deepEqual(await numbers(database), [])
      })
      assert.deepEqual(handed, [[1, 2, 3, 5]])
      assert.deepEqual(await numbers(database), [1, 2, 3, 5])
      await database.beforeCommit(sink, [6])
      assert.deepEqual(handed.length, 2)
      const refused = database.run(async () => {
        await add(database, 7)
        const refuse = () => Promise.reject(new InfrastructureError('precondition_failed', 'No.'))
        await database.beforeCommit(refuse, [8])
      })
      assert.equal((await failure(refused)).code, 'precondition_failed')
      const looks = database.run(() => database.beforeCommit(sink, [9]), { readOnly: true })
      assert.equal((await failure(looks)).code, 'precondition_failed')
      assert.deepEqual(await numbers(database), [1, 2, 3, 5, 6])
    },
  },
  {
    name: 'only the outermost unit of work is tried again, as often as it says, and with fresh state',
    async run({ database }) {
      await withTables(database)
      const again = () => new InfrastructureError('conflict', 'Try again.', { retry: 'now' })
      let outer = 0
      let inner = 0
      const hooks: number[] = []
      await database.run(async () => {
        outer++
        assert.deepEqual(await numbers(database), [])
        database.afterCommit(() => void hooks.push(outer))
        await database.run(async () => {
          inner++
          await add(database, 1)
          if (outer < 3) throw again()
        })
      })
      assert.deepEqual([outer, inner, hooks], [3, 3, [3]])
      let tries = 0
      const hopeless = database.run(
        async () => {
          tries++
          throw again()
        },
        { attempts: 2 },
      )
      assert.equal((await failure(hopeless)).code, 'conflict')
      assert.equal(tries, 2)
      assert.deepEqual(await numbers(database), [1])
    },
  },
  {
    name: 'aborting ends a unit of work at once, leaves nothing, and frees the connection',
    async run({ database }) {
      await withTables(database)
      const abort = new AbortController()
      const stuck = database.run(
        async () => {
          await add(database, 1)
          abort.abort(new Error('enough'))
          await new Promise(() => {})
        },
        { signal: abort.signal },
      )
      assert.equal((await failure(stuck)).code, 'cancelled')
      const late = database.run(async () => {}, { signal: abort.signal })
      assert.equal((await failure(late)).code, 'cancelled')
      await database.run(() => add(database, 2))
      assert.deepEqual(await numbers(database), [2])
    },
  },
  {
    name: 'aborting ends the waiting for a connection',
    async run({ database }) {
      await withTables(database)
      const { promise, resolve } = Promise.withResolvers<void>()
      const holding = Array.from({ length: 4 }, (_, n) =>
        database.run(async () => {
          await add(database, n)
          await promise
        }),
      )
      const abort = new AbortController()
      const waiting = database.run(() => add(database, 10), { signal: abort.signal })
      await systemClock.sleep(1)
      abort.abort()
      const outcome = waiting.then(
        () => 'committed',
        (error: unknown) => InfrastructureError.is(error, 'cancelled') && 'cancelled',
      )
      // Engines with many connections may have let it through before the abort.
      assert.match(String(await outcome), /^(cancelled|committed)$/)
      resolve()
      await Promise.all(holding)
    },
  },
  {
    name: 'no statement begins or ends a transaction',
    async run({ database }) {
      for (const sql of ['BEGIN', 'commit', '/* now */ ROLLBACK', 'SAVEPOINT a', 'RELEASE a', 'END']) {
        assert.equal((await failure(database.execute(sql))).code, 'invalid_argument')
        assert.equal((await failure(database.run(() => database.query(sql)))).code, 'invalid_argument')
      }
    },
  },
  {
    name: 'a statement after the end of its unit of work is refused',
    async run({ database }) {
      await withTables(database)
      let late: Promise<void> | undefined
      await database.run(async () => {
        await add(database, 1)
        late = systemClock.sleep(5).then(() => add(database, 2))
        late.catch(() => {})
      })
      assert.equal((await failure(late!)).code, 'precondition_failed')
      assert.deepEqual(await numbers(database), [1])
    },
  },
  {
    name: 'what was started in a unit of work and outlives it may begin one of its own',
    async run({ database }) {
      await withTables(database)
      let later: Promise<void> | undefined
      let hooked = false
      await database.run(async () => {
        await add(database, 1)
        later = systemClock.sleep(5).then(async () => {
          assert.equal(database.inTransaction(), false)
          database.afterCommit(() => {
            hooked = true
          })
          await database.run(() => add(database, 2))
        })
      })
      await later
      assert.equal(hooked, true)
      assert.deepEqual(await numbers(database), [1, 2])
    },
  },
  {
    name: 'two databases do not mix, one inside of the other',
    requires: 'shared',
    async run({ database, another }) {
      await withTables(database)
      const other = await another()
      await database.run(async () => {
        assert.equal(other.inTransaction(), false)
        assert.deepEqual(await numbers(other), [])
      })
      await add(other, 7)
      assert.deepEqual(await numbers(database), [7])
    },
  },
  {
    name: 'commits of this and of other processes are told to listeners',
    requires: 'shared',
    async run({ database, another }) {
      await withTables(database)
      const other = await another()
      let told = Promise.withResolvers<void>()
      const end = database.onCommit(() => {
        assert.equal(database.inTransaction(), false)
        told.resolve()
      })
      await add(database, 1)
      await told.promise
      // Several: a listener may also be told when it begins, of what it had missed.
      for (const n of [2, 3, 4]) {
        told = Promise.withResolvers()
        await add(other, n)
        await told.promise
      }
      end()
      end()
    },
  },
  {
    name: 'closing waits for what runs, is idempotent, and refuses what comes later',
    async run({ database }) {
      await withTables(database)
      assert.equal((await database.health()).status, 'up')
      const { promise: begun, resolve } = Promise.withResolvers<void>()
      let done = false
      const running = database.run(async () => {
        await add(database, 1)
        resolve()
        await systemClock.sleep(10)
        await add(database, 2)
        done = true
      })
      await begun
      await Promise.all([database.close(), database.close()])
      assert.equal(done, true)
      await running
      await database.close()
      assert.equal((await failure(database.query('SELECT 1'))).code, 'unavailable')
      assert.equal((await failure(database.run(async () => {}))).code, 'unavailable')
      assert.equal((await database.health()).status, 'down')
    },
  },
]
