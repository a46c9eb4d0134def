import assert from 'node:assert/strict'
import type { Message } from '../ports/messages.ts'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'
import {
  fact,
  fresh,
  type MessagingHarness,
  messageType,
  refusal,
  settled,
  until,
} from './messaging-support.ts'

/** What is published, what arrives of it, and when nothing may. */
export const publishingCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'a published message arrives with everything that belongs to it',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed], { source: 'shop' })
      const seen: Message[] = []
      messaging.subscribe(Placed, { group: fresh('group') }, message => void seen.push(message))
      await messaging.start()
      const before = systemClock.now()
      await messaging.publish(Placed, { n: 1 }, { key: 'k', subject: 'order/1', correlationId: 'c' })
      await until('the message arrives', () => seen.length === 1)
      const { id, time, ...rest } = seen[0]!
      assert.match(id, /^[0-9a-f-]{36}$/)
      assert.ok(time.getTime() >= Math.floor(before) && time.getTime() <= systemClock.now())
      assert.deepEqual(rest, {
        type: Placed.name,
        version: 1,
        source: 'shop',
        subject: 'order/1',
        key: 'k',
        data: { n: 1 },
        correlationId: 'c',
        causationId: undefined,
        attempt: 1,
      })
    },
  },
  {
    name: 'without options, a message begins a correlation of its own',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      const seen: Message[] = []
      messaging.subscribe(Placed, { group: fresh('group') }, message => void seen.push(message))
      await messaging.start()
      await messaging.publish(Placed, { n: 1 })
      await until('the message arrives', () => seen.length === 1)
      assert.equal(seen[0]!.correlationId, seen[0]!.id)
      assert.equal(seen[0]!.key, undefined)
      assert.equal(seen[0]!.subject, undefined)
    },
  },
  {
    name: 'what a handler publishes names its cause and stays in the correlation',
    async run(harness) {
      const First = messageType(fresh('first'), fact)
      const Second = messageType(fresh('second'), fact)
      const Third = messageType(fresh('third'), fact)
      const { messaging } = await harness.join([First, Second, Third])
      const seen = new Map<string, Message>()
      const keep = (message: Message) => void seen.set(message.type, message)
      messaging.subscribe(First, { group: 'a' }, async message => {
        keep(message)
        await messaging.publish(Second, { n: 2 })
      })
      messaging.subscribe(Second, { group: 'b' }, async message => {
        keep(message)
        await messaging.publish(Third, { n: 3 })
      })
      messaging.subscribe(Third, { group: 'c' }, keep)
      await messaging.start()
      await messaging.publish(First, { n: 1 }, { correlationId: 'request-7' })
      await until('the last one arrives', () => seen.has(Third.name))
      assert.equal(seen.get(Second.name)!.causationId, seen.get(First.name)!.id)
      assert.equal(seen.get(Third.name)!.causationId, seen.get(Second.name)!.id)
      assert.equal(seen.get(Third.name)!.correlationId, 'request-7')
    },
  },
  {
    name: 'published in a unit of work, it arrives after the commit; after a rollback, never',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging, database } = member
      const seen: number[] = []
      messaging.subscribe(Placed, { group: fresh('group') }, ({ data }) => void seen.push(data.n))
      await messaging.start()
      await assert.rejects(
        database.run(async () => {
          await messaging.publish(Placed, { n: 1 })
          await messaging.publish(Placed, { n: 2 }, { delay: 1 })
          throw new Error('changed my mind')
        }),
        /changed my mind/,
      )
      await database.run(() => messaging.publish(Placed, { n: 3 }))
      await settled(member)
      assert.deepEqual(seen, [3])
    },
  },
  {
    name: 'the commit of a transaction that was held for long is not skipped',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const publisher = await harness.join([Placed])
      const consumer = await harness.join([Placed])
      const seen: number[] = []
      consumer.messaging.subscribe(Placed, { group: fresh('group') }, ({ data }) => void seen.push(data.n))
      await consumer.messaging.start()
      await publisher.messaging.start()
      const held = publisher.database.run(async () => {
        await publisher.messaging.publish(Placed, { n: 0 })
        await systemClock.sleep(100)
      })
      for (let n = 1; n <= 5; n++) await consumer.messaging.publish(Placed, { n })
      await held
      await publisher.messaging.publish(Placed, { n: 6 })
      await until('all arrive', () => seen.length >= 7)
      assert.deepEqual(
        seen.toSorted((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 6],
      )
    },
  },
  {
    name: 'data that the schema refuses is not published',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging, database } = member
      let seen = 0
      messaging.subscribe(Placed, { group: fresh('group') }, () => void seen++)
      await messaging.start()
      const wrong = { n: 'one' } as unknown as { n: number }
      const error = await refusal('invalid_argument', messaging.publish(Placed, wrong))
      assert.ok(error.message.includes(Placed.name))
      assert.deepEqual(error.details.issues, [{ path: 'n', message: 'expected a number n' }])
      await refusal(
        'invalid_argument',
        database.run(() => messaging.publish(Placed, wrong)),
      )
      const loop: { n: number; self?: unknown } = { n: 1 }
      loop.self = loop
      await refusal('invalid_argument', messaging.publish(Placed, loop))
      await settled(member)
      assert.equal(seen, 0)
      assert.equal(await messaging.deadLetters.count(), 0)
    },
  },
  {
    name: 'a message that the application does not know is refused',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const Other = messageType(fresh('other'), fact)
      const Twin = messageType(Placed.name, fact)
      const { messaging } = await harness.join([Placed])
      assert.throws(() => messaging.subscribe(Other, { group: 'g' }, () => {}), { code: 'invalid_argument' })
      await messaging.start()
      await refusal('invalid_argument', messaging.publish(Other, { n: 1 }))
      await refusal('invalid_argument', messaging.publish(Twin, { n: 1 }))
    },
  },
  {
    name: 'a megabyte arrives unchanged',
    requires: 'largeMessages',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      let arrived: string | undefined
      messaging.subscribe(Placed, { group: fresh('group') }, ({ data }) => {
        arrived = data.text
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 1, text: megabyte })
      await until('it arrives', () => arrived !== undefined)
      assert.ok(arrived === megabyte)
    },
    /** It is a dead letter, and holds nothing up. */
    async otherwise(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      const seen: number[] = []
      messaging.subscribe(Placed, { group: fresh('group') }, ({ data }) => void seen.push(data.n))
      await messaging.start()
      await messaging.publish(Placed, { n: 1, text: megabyte }, { key: 'k' })
      await messaging.publish(Placed, { n: 2 }, { key: 'k' })
      await until('the next one arrives', () => seen.length > 0)
      assert.deepEqual(seen, [2])
      const [letter, ...others] = await messaging.deadLetters.list()
      assert.deepEqual([letter!.type, letter!.consumer, others.length], [Placed.name, 'outbox', 0])
      assert.notEqual(letter!.reason, '')
    },
  },
  {
    name: 'keys, subjects and data hold any unicode, and keys that look alike stay apart',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      const texts = [
        '',
        ' ',
        'é',
        'e\u0301',
        '订单 😀',
        "'; DROP TABLE x; --",
        '%00',
        'a\r\nb: c',
        '\u202Eabc',
        '"\\',
      ]
      const seen: Message<{ n: number; text?: string }>[] = []
      messaging.subscribe(Placed, { group: fresh('grüppe 😀') }, message => void seen.push(message))
      await messaging.start()
      for (const [n, text] of texts.entries()) {
        await messaging.publish(Placed, { n, text }, { key: text, subject: text, correlationId: text })
      }
      await until('all arrive', () => seen.length === texts.length)
      for (const message of seen) {
        const text = texts[message.data.n]
        assert.equal(message.key, text)
        assert.equal(message.subject, text)
        assert.equal(message.correlationId, text)
        assert.equal(message.data.text, text)
      }
      await refusal('invalid_argument', messaging.publish(Placed, { n: 1 }, { key: 'half \uD800' }))
      await refusal('invalid_argument', messaging.publish(Placed, { n: 1 }, { subject: 'nul \0' }))
    },
  },
]

/** A little more than one. */
const megabyte = 'añ€😀'.repeat(104_858)
