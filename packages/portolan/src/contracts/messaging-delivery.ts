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
  until,
} from './messaging-support.ts'

/** Who sees which message, and in which order. */
export const deliveryCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'each of two groups sees every message once',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging } = member
      const seen: Record<string, number[]> = { a: [], b: [] }
      for (const name of ['a', 'b']) {
        messaging.subscribe(Placed, { group: fresh(name) }, ({ data }) => void seen[name]!.push(data.n))
      }
      await messaging.start()
      const all = Array.from({ length: 30 }, (_, n) => n)
      await Promise.all(all.map(n => messaging.publish(Placed, { n })))
      await settled(member)
      for (const numbers of Object.values(seen))
        assert.deepEqual(
          numbers.toSorted((a, b) => a - b),
          all,
        )
    },
  },
  {
    name: 'two members of a group share the messages',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const seen = [0, 0]
      const members = await Promise.all([harness.join([Placed]), harness.join([Placed])])
      for (const [at, { messaging, database }] of members.entries()) {
        messaging.subscribe(Placed, { group }, async ({ data }) => {
          seen[at]!++
          await effect(database, Placed.name, data.n)
        })
        await messaging.start()
      }
      const [first] = members
      let published = 0
      await until('both have had some', async () => {
        for (let i = 0; i < 10; i++) await first!.messaging.publish(Placed, { n: published++ })
        // A flood from the one would keep the other from the database, and it is not about that.
        await settled(...members)
        return seen.every(count => count > 0)
      })
      await settled(...members)
      assert.deepEqual(
        (await effects(first!.database)).map(({ note }) => Number(note)).toSorted((a, b) => a - b),
        Array.from({ length: published }, (_, n) => n),
      )
    },
  },
  {
    name: 'messages of one key are handled in order and one at a time, those of others beside them',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
      let most = 0
      let overlaps = 0
      const members = await Promise.all([harness.join([Placed]), harness.join([Placed])])
      for (const { messaging, database } of members) {
        const busy = new Set<string>()
        messaging.subscribe(Placed, { group, concurrency: 8 }, async ({ key, data }) => {
          if (busy.has(key!)) overlaps++
          busy.add(key!)
          most = Math.max(most, busy.size)
          await systemClock.sleep(data.n % 3)
          await effect(database, key!, data.n)
          busy.delete(key!)
        })
        await messaging.start()
      }
      await Promise.all(
        keys.map(async (key, at) => {
          for (let n = 0; n < 15; n++) await members[at % 2]!.messaging.publish(Placed, { n }, { key })
        }),
      )
      await settled(...members)
      const done = await effects(members[0]!.database)
      for (const key of keys) {
        assert.deepEqual(
          done.filter(({ message }) => message === key).map(({ note }) => Number(note)),
          Array.from({ length: 15 }, (_, n) => n),
          `order of key ${key}`,
        )
      }
      assert.equal(overlaps, 0)
      assert.ok(most > 1)
    },
  },
  {
    name: 'the order of a key outlives members that come and go while messages flow',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const keys = Array.from({ length: 16 }, (_, i) => `key ${i}`)
      // No more than a slow machine handles: what waits would grow for as long as the members take.
      const most = 4 * keys.length
      let waiting = 0
      const join = async (taken: () => void) => {
        const member = await harness.join([Placed])
        member.messaging.subscribe(Placed, { group }, async ({ key, data }) => {
          await effect(member.database, key!, data.n)
          member.database.afterCommit(() => void waiting--)
          taken()
        })
        await member.messaging.start()
        return member
      }
      const host = await join(() => {})
      let flowing = true
      const flow = Promise.all(
        keys.map(async key => {
          for (let n = 0; flowing; ) {
            if (waiting < most) {
              waiting++
              await host.messaging.publish(Placed, { n: n++ }, { key })
            }
            await systemClock.sleep(25)
          }
        }),
      )
      try {
        for (let round = 0; round < 3; round++) {
          const taken = Promise.withResolvers<void>()
          const guest = await join(taken.resolve)
          await taken.promise
          await guest.messaging.stop()
        }
      } finally {
        flowing = false
        await flow
      }
      await settled(host)
      const done = await effects(host.database)
      for (const key of keys) {
        const order = done.filter(({ message }) => message === key).map(({ note }) => Number(note))
        assert.deepEqual(order, [...order.keys()], `order of ${key}`)
      }
    },
  },
  {
    name: 'the order of a key holds over the types that a group subscribes to',
    requires: 'orderAcrossTypes',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const Paid = messageType(fresh('paid'), fact)
      const group = fresh('group')
      const member = await harness.join([Placed, Paid])
      const { messaging } = member
      const seen: string[] = []
      messaging.subscribe(Placed, { group }, async ({ data }) => {
        await systemClock.sleep(5)
        seen.push(`placed ${data.n}`)
      })
      messaging.subscribe(Paid, { group }, ({ data }) => void seen.push(`paid ${data.n}`))
      await messaging.start()
      for (let n = 0; n < 5; n++) {
        await messaging.publish(Placed, { n }, { key: 'order' })
        await messaging.publish(Paid, { n }, { key: 'order' })
      }
      await settled(member)
      assert.deepEqual(seen, Array.from({ length: 5 }, (_, n) => [`placed ${n}`, `paid ${n}`]).flat())
    },
  },
  {
    name: 'a group has at most its concurrency in hand',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging } = member
      let active = 0
      let most = 0
      const full = Promise.withResolvers<void>()
      messaging.subscribe(Placed, { group: fresh('group'), concurrency: 3 }, async () => {
        most = Math.max(most, ++active)
        if (active === 3) full.resolve()
        await full.promise
        // Long enough for a fourth, were it let in.
        await systemClock.sleep(2)
        active--
      })
      await messaging.start()
      await Promise.all(Array.from({ length: 30 }, (_, n) => messaging.publish(Placed, { n })))
      await settled(member)
      assert.equal(most, 3)
    },
  },
  {
    name: 'a group keeps what comes while none of its members runs',
    requires: 'durable',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const publisher = await harness.join([Placed])
      await publisher.messaging.start()
      const first = await harness.join([Placed])
      first.messaging.subscribe(Placed, { group }, () => {})
      await first.messaging.start()
      await first.messaging.stop()
      for (let n = 0; n < 5; n++) await publisher.messaging.publish(Placed, { n })
      const second = await harness.join([Placed])
      second.messaging.subscribe(Placed, { group }, ({ data }) =>
        effect(second.database, Placed.name, data.n),
      )
      await second.messaging.start()
      await settled(second)
      const notes = (await effects(second.database)).map(({ note }) => note)
      assert.deepEqual(notes.toSorted(), ['0', '1', '2', '3', '4'])
    },
  },
  {
    name: 'a group that comes later sees what was published before',
    requires: 'history',
    run: harness => lateGroup(harness, [1, 2]),
    otherwise: harness => lateGroup(harness, [2]),
  },
  {
    name: 'a subscription that was ended keeps and gets nothing; what waits for it is told before, though nobody runs',
    requires: 'backlogAtRest',
    run: harness =>
      endedSubscription(harness, ({ messaging }, group) =>
        until('it waits', async () => {
          const { groups } = await messaging.status()
          return groups.find(known => known.group === group)?.waiting === 1
        }),
      ),
    otherwise: harness => endedSubscription(harness),
  },
]

async function lateGroup(harness: MessagingHarness, expected: readonly number[]): Promise<void> {
  const Placed = messageType(fresh('placed'), fact)
  const early = await harness.join([Placed])
  await early.messaging.start()
  await early.messaging.publish(Placed, { n: 1 })
  await settled(early)
  const seen: number[] = []
  const late = await harness.join([Placed])
  late.messaging.subscribe(Placed, { group: fresh('late') }, ({ data }) => void seen.push(data.n))
  await late.messaging.start()
  await early.messaging.publish(Placed, { n: 2 })
  await until('the later one arrives', () => seen.includes(2))
  await settled(late)
  assert.deepEqual(seen, expected)
}

/** `look`: while a message waits for the group, and nobody runs who would take it. */
async function endedSubscription(
  harness: MessagingHarness,
  look?: (publisher: MessagingMember, group: string) => Promise<void>,
): Promise<void> {
  const Placed = messageType(fresh('placed'), fact)
  const group = fresh('group')
  const publisher = await harness.join([Placed])
  await publisher.messaging.start()
  const consumer = await harness.join([Placed])
  consumer.messaging.subscribe(Placed, { group }, () => {})
  await consumer.messaging.start()
  await assert.rejects(consumer.messaging.unsubscribe(Placed, group), { code: 'precondition_failed' })
  await consumer.messaging.stop()
  await publisher.messaging.publish(Placed, { n: 1 })
  await until('the broker has it', async () => (await publisher.messaging.status()).outbox === 0)
  await look?.(publisher, group)
  assert.equal(await publisher.messaging.unsubscribe(Placed, group), 1)
  await publisher.messaging.publish(Placed, { n: 2 })
  await settled(publisher)
}
