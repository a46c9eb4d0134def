import assert from 'node:assert/strict'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import type { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { failure } from './failure.ts'
import { add, numbers, type PersistenceCase, withTables } from './persistence-kit.ts'

/** Units of work: what is together, what is apart, and what happens when one fails. */
export const unitCases: readonly PersistenceCase[] = [
  {
    name: 'a unit of work commits all of its statements, and its result comes back',
    async run({ database }) {
      await withTables(database)
      const result = await database.run(async () => {
        assert.equal(database.inTransaction(), true)
        await add(database, 1)
        await add(database, 2)
        return (await numbers(database)).length
      })
      assert.equal(result, 2)
      assert.equal(database.inTransaction(), false)
      assert.deepEqual(await numbers(database), [1, 2])
    },
  },
  {
    name: 'a unit of work that throws leaves nothing, and its own error comes back',
    async run({ database }) {
      await withTables(database)
      const mistake = new Error('mistake')
      const outcome = database.run(async () => {
        await add(database, 1)
        throw mistake
      })
      assert.equal(await outcome.catch((error: unknown) => error), mistake)
      assert.deepEqual(await numbers(database), [])
    },
  },
  {
    name: 'an inner unit of work joins the one in progress',
    async run({ database }) {
      await withTables(database)
      const outcome = database.run(async () => {
        await database.run(() => add(database, 1))
        throw new Error('after the inner one')
      })
      await assert.rejects(outcome, /after the inner one/)
      assert.deepEqual(await numbers(database), [])
    },
  },
  {
    name: 'nothing is committed when a joined unit of work failed, although its error was caught',
    async run({ database }) {
      await withTables(database)
      const mistake = new Error('half done')
      const outcome = database.run(async () => {
        await add(database, 1)
        await database
          .run(async () => {
            await add(database, 2)
            throw mistake
          })
          .catch(() => {})
      })
      const error = await failure(outcome)
      assert.equal(error.code, 'precondition_failed')
      assert.equal(error.cause, mistake)
      assert.deepEqual(await numbers(database), [])
    },
  },
  {
    name: 'a statement that failed takes its unit of work with it, although its error was caught',
    async run({ database }) {
      await withTables(database)
      await add(database, 1)
      const outcome = database.run(async () => {
        await add(database, 2)
        await add(database, 1).catch(() => {})
      })
      const error = await failure(outcome)
      assert.equal(error.code, 'precondition_failed')
      assert.equal((error.cause as InfrastructureError).code, 'already_exists')
      assert.deepEqual(await numbers(database), [1])
    },
  },
  {
    name: 'a statement that may fail is put into a nested unit of work, and takes that alone',
    requires: 'savepoints',
    async run({ database }) {
      await withTables(database)
      await add(database, 1)
      await database.run(async () => {
        await add(database, 2)
        const nested = database.run(() => add(database, 1), { propagation: 'nested' })
        assert.equal((await failure(nested)).code, 'already_exists')
        await add(database, 3)
      })
      assert.deepEqual(await numbers(database), [1, 2, 3])
    },
  },
  {
    name: 'inserting what may be there tells whether it was new, and leaves the unit of work whole',
    async run({ database }) {
      await withTables(database)
      await database.run(async () => {
        const insert = (n: number) => insertIfAbsent(database, 'numbers', { n, note: `number ${n}` })
        assert.deepEqual([await insert(1), await insert(1), await insert(2)], [true, false, true])
      })
      assert.deepEqual(await numbers(database), [1, 2])
      const { grammar } = database
      const sql = grammar.insertOrUpdate('numbers', ['n', 'note'], ['n'], given => ({ note: given('note') }))
      for (const note of ['first', 'second']) await database.execute(sql, [3, note])
      assert.deepEqual(await database.query('SELECT note FROM numbers WHERE n = 3'), [{ note: 'second' }])
    },
  },
  {
    name: 'a nested unit of work rolls back alone',
    requires: 'savepoints',
    async run({ database }) {
      await withTables(database)
      await database.run(async () => {
        await add(database, 1)
        const nested = database.run(
          async () => {
            await add(database, 2)
            await database.run(() => add(database, 3), { propagation: 'nested' })
            throw new Error('nested')
          },
          { propagation: 'nested' },
        )
        await assert.rejects(nested, /nested/)
        await database.run(() => add(database, 4), { propagation: 'nested' })
      })
      assert.deepEqual(await numbers(database), [1, 4])
    },
  },
  {
    name: 'nested units of work that are begun together take turns',
    requires: 'savepoints',
    async run({ database }) {
      await withTables(database)
      const outcomes = await database.run(() =>
        Promise.allSettled(
          [1, 2, 3, 4].map(n =>
            database.run(
              async () => {
                await add(database, n)
                await systemClock.sleep(1)
                if (n % 2 === 0) throw new Error('even')
              },
              { propagation: 'nested' },
            ),
          ),
        ),
      )
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
      )
      assert.deepEqual(await numbers(database), [1, 3])
    },
  },
  {
    name: 'requires_new commits alone',
    requires: 'concurrentTransactions',
    async run({ database }) {
      await withTables(database)
      const outcome = database.run(async () => {
        await add(database, 1)
        await database.run(() => add(database, 2), { propagation: 'requires_new' })
        throw new Error('outer')
      })
      await assert.rejects(outcome, /outer/)
      assert.deepEqual(await numbers(database), [2])
    },
    async otherwise({ database }) {
      await withTables(database)
      await database.run(async () => {
        await add(database, 1)
        const refused = await failure(database.run(() => add(database, 2), { propagation: 'requires_new' }))
        assert.equal(refused.code, 'unsupported')
      })
      await database.run(() => add(database, 3), { propagation: 'requires_new' })
      assert.deepEqual(await numbers(database), [1, 3])
    },
  },
  {
    name: 'a read-only unit of work reads one moment, and refuses to write',
    async run({ database }) {
      await withTables(database)
      await add(database, 1)
      const seen = await database.run(
        async () => {
          const first = await numbers(database)
          assert.equal((await failure(add(database, 2))).code, 'precondition_failed')
          return first
        },
        { readOnly: true },
      )
      assert.deepEqual(seen, [1])
      await database.run(async () => {
        await add(database, 3)
        const inner = database.run(() => add(database, 4), { readOnly: true })
        assert.equal((await failure(inner)).code, 'precondition_failed')
        await database.run(async () => assert.deepEqual(await numbers(database), [1, 3]), { readOnly: true })
      })
      assert.deepEqual(await numbers(database), [1, 3])
    },
  },
  {
    name: 'units of work of concurrent requests never mix',
    async run({ database }) {
      await withTables(database)
      const request = async (n: number) => {
        await systemClock.sleep(n % 3)
        await database.run(async () => {
          await add(database, n)
          if (n % 5 === 0) await systemClock.sleep(1)
          const [own] = await database.query<{ n: number }>('SELECT n FROM numbers WHERE n = ?', [n])
          assert.equal(own?.n, n)
          if (n % 4 === 0) throw new Error('this one not')
        })
      }
      const outcomes = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => request(n)))
      assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 15)
      const expected = Array.from({ length: 60 }, (_, n) => n).filter(n => n % 4 !== 0)
      assert.deepEqual(await numbers(database), expected)
    },
  },
  {
    name: 'what runs outside does not see what a unit of work has not committed',
    async run({ database }) {
      await withTables(database)
      const { promise: written, resolve: tell } = Promise.withResolvers<void>()
      const unit = database.run(async () => {
        await add(database, 1)
        tell()
        await systemClock.sleep(20)
        throw new Error('no')
      })
      const ended = assert.rejects(unit, /no/)
      await written
      assert.deepEqual(await numbers(database), [])
      await ended
    },
  },
  {
    name: 'a unit of work may wait for one that ended before it',
    async run({ database }) {
      await withTables(database)
      const first = database.run(() => add(database, 1))
      const second = database.run(async () => {
        await add(database, 2)
        await first
        await add(database, 3)
      })
      await second
      assert.deepEqual(await numbers(database), [1, 2, 3])
    },
  },
]
