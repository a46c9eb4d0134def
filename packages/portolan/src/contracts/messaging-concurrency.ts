import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'
import {
  effect,
  effects,
  fact,
  fresh,
  type MessagingHarness,
  type MessagingMember,
  messageType,
  settled,
  soon,
  until,
} from './messaging-support.ts'

/** Many writers and several members at once: what a database with one writer never shows. */
export const concurrencyCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'of many transactions that end in any order, those that commit are handled once, those that do not never',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const members = await Promise.all([harness.join([Placed]), harness.join([Placed])])
      for (const { messaging, database } of members) {
        messaging.subscribe(Placed, { group }, ({ data }) => effect(database, Placed.name, data.n))
      }
      // At once, so that they race for the shares of the work, too.
      await Promise.all(members.map(({ messaging }) => messaging.start()))
      const units = Array.from({ length: 40 }, (_, unit) => unit)
      const regretted = (unit: number) => unit % 5 === 3
      const outcomes = await Promise.allSettled(
        units.map(unit => {
          const { messaging, database } = members[0]!
          return database.run(async () => {
            await messaging.publish(Placed, { n: unit * 10 })
            // What was numbered later commits earlier, where it may.
            await systemClock.sleep((unit * 7) % 25)
            await messaging.publish(Placed, { n: unit * 10 + 1 })
            if (regretted(unit)) throw new Error('regretted')
          })
        }),
      )
      assert.deepEqual(
        outcomes.map(({ status }) => status === 'rejected'),
        units.map(regretted),
      )
      await settled(...members)
      const expected = units.filter(unit => !regretted(unit)).flatMap(unit => [unit * 10, unit * 10 + 1])
      assert.deepEqual(ascending(await notes(members[0]!)), expected)
    },
  },
  {
    name: 'writers of a key that take turns by a lock have their messages handled in the order of their commits',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const members = await Promise.all([harness.join([Placed]), harness.join([Placed])])
      const seen = new Map<string, number[]>()
      for (const { messaging, database } of members) {
        messaging.subscribe(Placed, { group }, ({ key, data }) => {
          // Once: a handler whose transaction collided is run again.
          database.afterCommit(() => void seen.set(key!, [...(seen.get(key!) ?? []), data.n]))
        })
      }
      await Promise.all(members.map(({ messaging }) => messaging.start()))
      const keys = ['a', 'b', 'c']
      for (const key of keys) await effect(members[0]!.database, key, 0)
      await Promise.all(
        Array.from({ length: 36 }, (_, i) => {
          const { messaging, database } = members[0]!
          const key = keys[i % 3]!
          return database.run(async () => {
            const n = (await counted(database, key)) - 1
            await systemClock.sleep(i % 4)
            await messaging.publish(Placed, { n }, { key })
          })
        }),
      )
      await settled(...members)
      for (const key of keys) {
        assert.deepEqual(
          seen.get(key),
          Array.from({ length: 12 }, (_, n) => n),
          `order of key ${key}`,
        )
      }
    },
  },
  {
    name: 'handlers whose transactions collide have one effect each, and no attempt is counted for that',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const member = await harness.join([Placed])
      const { messaging, database } = member
      const stock = ['apples', 'pears']
      for (const name of stock) await effect(database, name, 0)
      const attempts: number[] = []
      messaging.subscribe(Placed, { group, concurrency: 2, retry: soon }, async ({ data, attempt }) => {
        attempts.push(attempt)
        // In opposite orders, so that one of two would wait for the other for ever.
        const order = data.n % 2 === 0 ? stock : stock.toReversed()
        for (const name of order) {
          await counted(database, name)
          await systemClock.sleep(2)
        }
      })
      await messaging.start()
      await Promise.all(Array.from({ length: 8 }, (_, n) => messaging.publish(Placed, { n })))
      await settled(member)
      assert.deepEqual(
        (await effects(database)).map(({ message, note }) => [message, note]),
        stock.map(name => [name, '8']),
      )
      assert.ok(attempts.every(attempt => attempt === 1))
      assert.equal(await messaging.deadLetters.count(), 0)
    },
  },
  {
    name: 'of several members that look for delayed messages, each is published by one',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const members = await Promise.all([1, 2, 3].map(() => harness.join([Placed])))
      for (const { messaging, database } of members) {
        messaging.subscribe(Placed, { group }, ({ data }) => effect(database, Placed.name, data.n))
      }
      await Promise.all(members.map(({ messaging }) => messaging.start()))
      const all = Array.from({ length: 60 }, (_, n) => n)
      await Promise.all(
        all.map(n => members[n % 3]!.messaging.publish(Placed, { n }, { delay: 50 + (n % 10) })),
      )
      await settled(...members)
      assert.deepEqual(ascending(await notes(members[0]!)), all)
    },
  },
  {
    name: 'a dead letter that several replay and discard at once is replayed or discarded, once',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const members = await Promise.all([harness.join([Placed]), harness.join([Placed])])
      const [first, second] = members as [MessagingMember, MessagingMember]
      let broken = true
      for (const { messaging, database } of members) {
        messaging.subscribe(Placed, { group, retry: { attempts: 1 } }, async ({ data }) => {
          if (broken) throw new Error('broken')
          await effect(database, Placed.name, data.n)
        })
      }
      await Promise.all(members.map(({ messaging }) => messaging.start()))
      await Promise.all(Array.from({ length: 30 }, (_, n) => first.messaging.publish(Placed, { n })))
      await until('all are given up', async () => (await first.messaging.deadLetters.count()) === 30)
      broken = false
      const letters = await first.messaging.deadLetters.list()
      let discarded = 0
      const discard = async ({ messaging }: MessagingMember, id: string) => {
        try {
          await messaging.deadLetters.discard(id)
          discarded++
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'not_found')
        }
      }
      const [one, other] = await Promise.all([
        first.messaging.deadLetters.replayAll(),
        second.messaging.deadLetters.replayAll(),
        ...letters.slice(0, 15).flatMap(({ id }) => [discard(first, id), discard(second, id)]),
      ])
      await settled(first)
      assert.equal(await first.messaging.deadLetters.count(), 0)
      assert.equal(one + other + discarded, 30)
      const numbers = ascending(await notes(first))
      assert.equal(numbers.length, one + other)
      assert.equal(new Set(numbers).size, numbers.length)
    },
  },
  {
    name: 'messages that share a unit of work take effect once each, in the order of their keys, and fail alone',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging, database } = member
      const [keys, each] = [20, 4]
      /** Handlers that have ended and are not committed. Of one unit of work, as only one is in progress. */
      let waiting = 0
      let most = 0
      messaging.subscribe(
        Placed,
        { group: fresh('group'), batchSize: 16, concurrency: 1, retry: soon },
        async ({ key, data, attempt }) => {
          most = Math.max(most, waiting)
          await effect(database, key!, data.n)
          if (data.n % 7 === 3 && attempt < 3) throw new Error('not yet')
          waiting++
          database.afterCommit(() => void waiting--)
          // One that fails may take the others back, which are handled again.
          database.afterRollback(() => void waiting--)
        },
      )
      await messaging.start()
      await database.run(async () => {
        for (let n = 0; n < keys * each; n++)
          await messaging.publish(Placed, { n }, { key: `key ${n % keys}` })
      })
      await settled(member)
      const done = await effects(database)
      assert.deepEqual(
        ascending(done.map(({ note }) => Number(note))),
        Array.from({ length: keys * each }, (_, n) => n),
      )
      for (let key = 0; key < keys; key++) {
        const numbers = done.filter(({ message }) => message === `key ${key}`).map(({ note }) => Number(note))
        assert.deepEqual(numbers, ascending(numbers), `order of key ${key}`)
      }
      assert.ok(most > 0, 'none shared a unit of work')
      assert.equal(waiting, 0)
    },
  },
]

/** Raises a number that a row of `effects` holds, which locks the row until the transaction ends; resolves with the new one. */
async function counted(database: MessagingMember['database'], message: string): Promise<number> {
  await database.execute('UPDATE effects SET note = note WHERE message = ?', [message])
  const [row] = await database.query<{ note: string }>('SELECT note FROM effects WHERE message = ?', [
    message,
  ])
  const next = Number(row!.note) + 1
  await database.execute('UPDATE effects SET note = ? WHERE message = ?', [String(next), message])
  return next
}

async function notes({ database }: MessagingMember): Promise<number[]> {
  return (await effects(database)).map(({ note }) => Number(note))
}

function ascending(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b)
}
