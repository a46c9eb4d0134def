import assert from 'node:assert/strict'
import type { Database } from '../persistence/database.ts'
import { systemClock } from '../runtime/clock.ts'
import { failure } from './failure.ts'
import { add, numbers, type PersistenceCase, withTables } from './persistence-kit.ts'

/** Units of work at the same time: what they see of each other, and what happens when they collide. */
export const concurrencyCases: readonly PersistenceCase[] = [
  {
    name: 'two units of work that lock the same rows in opposite order both finish',
    requires: 'concurrentTransactions',
    async run({ database }) {
      await withTables(database)
      for (const n of [1, 2]) await add(database, n)
      const met = meeting(2)
      const raise = (first: number, second: number) => {
        let tries = 0
        return database.run(async () => {
          await rewrite(database, first, `${first} first`)
          // Only the first time: then each holds what the other one wants.
          if (tries++ === 0) await met()
          await rewrite(database, second, `${first} first`)
        })
      }
      await Promise.all([raise(1, 2), raise(2, 1)])
      const [one, two] = await notes(database)
      assert.equal(one, two, 'both rows are from the same unit of work')
    },
  },
  {
    name: 'serializable units of work that read what the other one writes do not both commit',
    requires: 'concurrentTransactions',
    async run({ database }) {
      await withTables(database)
      for (const n of [1, 2]) await add(database, n, `${n}: on call`)
      const met = meeting(2)
      // Each may leave only while the other one stays.
      const leave = (n: number) =>
        database.run(
          async () => {
            const onCall = (await notes(database)).filter(note => note === 'on call')
            await met()
            if (onCall.length > 1) await rewrite(database, n, 'off')
          },
          { isolation: 'serializable', attempts: 1 },
        )
      const outcomes = await Promise.allSettled([leave(1), leave(2)])
      const refused = outcomes.filter(({ status }) => status === 'rejected')
      assert.equal(refused.length, 1)
      const { reason } = refused[0] as PromiseRejectedResult
      assert.deepEqual([reason.code, reason.retry], ['unavailable', 'now'])
      assert.equal((await notes(database)).filter(note => note === 'on call').length, 1)
    },
  },
  {
    name: 'serializable units of work are tried again until their decisions fit',
    requires: 'concurrentTransactions',
    async run({ database }) {
      await withTables(database)
      for (const n of [1, 2]) await add(database, n, `${n}: on call`)
      const leave = (n: number) =>
        database.run(
          async () => {
            const onCall = (await notes(database)).filter(note => note === 'on call')
            if (onCall.length > 1) await rewrite(database, n, 'off')
          },
          { isolation: 'serializable', attempts: 20 },
        )
      await Promise.all([leave(1), leave(2)])
      assert.equal((await notes(database)).filter(note => note === 'on call').length, 1)
    },
  },
  {
    name: 'a repeatable read sees one moment, whatever is committed meanwhile',
    requires: 'concurrentTransactions',
    async run({ database }) {
      await withTables(database)
      await add(database, 1)
      const seen = await database.run(
        async () => {
          const before = await numbers(database)
          await database.run(() => add(database, 2), { propagation: 'requires_new' })
          return [before, await numbers(database)]
        },
        { isolation: 'repeatable_read' },
      )
      assert.deepEqual(seen, [[1], [1]])
      assert.deepEqual(await numbers(database), [1, 2])
    },
  },
  {
    name: 'aborting ends the waiting for a lock, and leaves nothing of the unit of work',
    requires: 'cancel',
    async run({ database }) {
      await withTables(database)
      await add(database, 1, 'before')
      const held = Promise.withResolvers<void>()
      const done = Promise.withResolvers<void>()
      const holder = database.run(async () => {
        await rewrite(database, 1, 'holder')
        held.resolve()
        await done.promise
      })
      await held.promise
      const controller = new AbortController()
      const waiter = database.run(
        async () => {
          await add(database, 2)
          const waiting = rewrite(database, 1, 'waiter')
          // Time for the statement to reach the server; on a slow machine it is aborted on its way, which must end the same.
          systemClock.timer(50, () => controller.abort())
          await waiting
        },
        { signal: controller.signal },
      )
      assert.equal((await failure(waiter)).code, 'cancelled')
      done.resolve()
      await holder
      assert.deepEqual(await notes(database), ['holder'])
      await database.run(() => rewrite(database, 1, 'after'))
      assert.deepEqual(await notes(database), ['after'])
    },
  },
  {
    name: 'many units of work at once count to the same number',
    async run({ database }) {
      await withTables(database)
      await database.execute('INSERT INTO carts (id, customer, opened_at, version) VALUES (?, ?, 0, 1)', [
        'c',
        'ada',
      ])
      await Promise.all(
        Array.from({ length: 40 }, () =>
          database.run(() =>
            database.execute('UPDATE carts SET opened_at = opened_at + 1 WHERE id = ?', ['c']),
          ),
        ),
      )
      assert.deepEqual(await database.query('SELECT opened_at FROM carts'), [{ opened_at: 40 }])
    },
  },
]

/** Resolves for everybody when `count` have come. */
function meeting(count: number): () => Promise<void> {
  const all = Promise.withResolvers<void>()
  let came = 0
  return () => {
    if (++came === count) all.resolve()
    return all.promise
  }
}

async function rewrite(database: Database, n: number, note: string): Promise<void> {
  // Both rows get the same text in one case, and notes are unique.
  await database.execute('UPDATE numbers SET note = ? WHERE n = ?', [`${n}: ${note}`, n])
}

async function notes(database: Database): Promise<string[]> {
  const rows = await database.query<{ note: string }>('SELECT note FROM numbers ORDER BY n')
  return rows.map(({ note }) => note.replace(/^\d+: /, ''))
}
