import assert from 'node:assert/strict'
import { InfrastructureError } from '../ports/errors.ts'
import { permanent } from '../runtime/permanent.ts'
import type { ContractCase } from './contract.ts'
import {
  effect,
  effects,
  fact,
  fresh,
  type MessagingHarness,
  messageType,
  refusal,
  schemaOf,
  settled,
  soon,
  until,
} from './messaging-support.ts'

/** What happens when handlers fail, and when messages cannot be understood. */
export const failureCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'a handler that throws leaves nothing behind and is tried again',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const Echo = messageType(fresh('echo'), fact)
      const member = await harness.join([Placed, Echo])
      const { messaging, database } = member
      const attempts: number[] = []
      let echoes = 0
      messaging.subscribe(Placed, { group: fresh('group'), retry: soon }, async ({ id, attempt }) => {
        attempts.push(attempt)
        await effect(database, id, attempt)
        await messaging.publish(Echo, { n: attempt })
        if (attempt < 3) throw new Error('not yet')
      })
      messaging.subscribe(Echo, { group: fresh('echoes') }, () => void echoes++)
      await messaging.start()
      await messaging.publish(Placed, { n: 1 })
      await until('it succeeds', async () => (await effects(database)).length > 0)
      await settled(member)
      assert.deepEqual(attempts, [1, 2, 3])
      assert.deepEqual(
        (await effects(database)).map(({ note }) => note),
        ['3'],
      )
      assert.equal(echoes, 1)
    },
  },
  {
    name: 'after the last attempt, a message is among the dead letters',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const member = await harness.join([Placed])
      const { messaging } = member
      let attempts = 0
      messaging.subscribe(Placed, { group, retry: { ...soon, attempts: 3 } }, () => {
        attempts++
        throw new TypeError('no such product\nsecond line')
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 7 })
      await until('it is given up', async () => (await messaging.deadLetters.count()) === 1)
      await settled(member)
      assert.equal(attempts, 3)
      const [letter] = await messaging.deadLetters.list()
      assert.equal(letter!.type, Placed.name)
      assert.equal(letter!.consumer, group)
      assert.deepEqual(letter!.payload, { n: 7 })
      assert.equal(letter!.reason, 'TypeError: no such product second line')
      assert.match(letter!.stack, /second line\n\s+at /)
      assert.equal(letter!.attempts, 3)
      assert.ok(letter!.diedAt.getTime() >= letter!.createdAt.getTime())
    },
  },
  {
    name: 'an error that no retry will mend makes a dead letter at once',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging } = member
      let attempts = 0
      messaging.subscribe(Placed, { group: fresh('group'), retry: soon }, () => {
        attempts++
        throw permanent(new Error('There is no order 7.'))
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 7 })
      await until('it is given up', async () => (await messaging.deadLetters.count()) === 1)
      assert.equal(attempts, 1)
      assert.equal((await messaging.deadLetters.list())[0]!.reason, 'There is no order 7.')
    },
  },
  {
    name: 'a dead letter is replayed to its group alone, with fresh attempts',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging, database } = member
      let broken = true
      let others = 0
      const attempts: number[] = []
      messaging.subscribe(
        Placed,
        { group: fresh('group'), retry: { ...soon, attempts: 2 } },
        async ({ data, attempt }) => {
          if (broken) throw new Error('broken')
          attempts.push(attempt)
          await effect(database, 'replayed', data.n)
        },
      )
      messaging.subscribe(Placed, { group: fresh('other') }, () => void others++)
      await messaging.start()
      for (let n = 0; n < 4; n++) await messaging.publish(Placed, { n }, { key: 'k' })
      await until('all are given up', async () => (await messaging.deadLetters.count()) === 4)
      broken = false
      const [newest] = await messaging.deadLetters.list({ limit: 1 })
      assert.deepEqual(newest!.payload, { n: 3 })
      await messaging.deadLetters.discard(newest!.id)
      await refusal('not_found', messaging.deadLetters.discard(newest!.id))
      await refusal('not_found', messaging.deadLetters.replay(newest!.id))
      const [next] = await messaging.deadLetters.list({ limit: 1 })
      await messaging.deadLetters.replay(next!.id)
      await settled(member)
      assert.equal(await messaging.deadLetters.replayAll(), 2)
      await settled(member)
      assert.deepEqual(
        (await effects(database)).map(({ note }) => note),
        ['2', '0', '1'],
      )
      assert.deepEqual(attempts, [1, 1, 1])
      assert.equal(await messaging.deadLetters.count(), 0)
      assert.equal(await messaging.deadLetters.replayAll(), 0)
      assert.equal(others, 4)
    },
  },
  {
    name: 'a message that keeps failing holds up its key alone, however many follow it',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging, database } = await harness.join([Placed])
      const seen: string[] = []
      let freed = false
      let attempts = 0
      messaging.subscribe(
        Placed,
        { group: fresh('group'), concurrency: 2, retry: { from: 20, to: 50, attempts: 10_000 } },
        ({ key, data }) => {
          if (key === 'bad' && data.n === 0 && attempts++ >= 0 && !freed) throw new Error('poison')
          seen.push(`${key} ${data.n}`)
        },
      )
      await messaging.start()
      await database.run(async () => {
        // More than is ever read ahead.
        for (let n = 0; n < 200; n++) await messaging.publish(Placed, { n }, { key: 'bad' })
        for (let n = 0; n < 20; n++) await messaging.publish(Placed, { n }, { key: 'good' })
      })
      await until(
        'the other key is done, and the bad one was tried again',
        () => seen.length === 20 && attempts > 2,
      )
      assert.ok(seen.every((line, n) => line === `good ${n}`))
      freed = true
      await until('the bad key goes on', () => seen.length === 220)
      assert.deepEqual(
        seen.slice(20),
        Array.from({ length: 200 }, (_, n) => `bad ${n}`),
      )
    },
  },
  {
    name: 'after a death, the rest of its key goes on in order',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging } = member
      const seen: number[] = []
      messaging.subscribe(Placed, { group: fresh('group'), retry: { ...soon, attempts: 3 } }, ({ data }) => {
        if (data.n === 2) throw new Error('poison')
        seen.push(data.n)
      })
      await messaging.start()
      await Promise.all([
        (async () => {
          for (let n = 0; n < 10; n++) await messaging.publish(Placed, { n }, { key: 'k' })
        })(),
        until('it is given up', async () => (await messaging.deadLetters.count()) === 1),
      ])
      await settled(member)
      assert.deepEqual(seen, [0, 1, 3, 4, 5, 6, 7, 8, 9])
    },
  },
  {
    name: 'a retry waits as long as the error asks for',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      let attempts = 0
      messaging.subscribe(Placed, { group: fresh('group'), retry: soon }, () => {
        attempts++
        throw new InfrastructureError('rate_limited', 'Slow down.', {
          retry: 'later',
          retryAfterMs: 3_600_000,
        })
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 1 }, { key: 'a' })
      await until('it failed once', () => attempts === 1)
      await messaging.publish(Placed, { n: 2 }, { key: 'b' })
      await until('another one failed, too', () => attempts > 1)
      assert.equal(attempts, 2)
    },
  },
  {
    name: 'data that the subscriber refuses goes to the dead letters at once, with what is wrong, and never to the handler',
    async run(harness) {
      const name = fresh('placed')
      const Loose = messageType(name, fact)
      const Strict = messageType(
        name,
        schemaOf('an even number n', (value): value is { n: number } => (value as { n: number }).n % 2 === 0),
      )
      const publisher = await harness.join([Loose])
      const consumer = await harness.join([Strict])
      const seen: number[] = []
      consumer.messaging.subscribe(Strict, { group: fresh('group') }, ({ data }) => void seen.push(data.n))
      await consumer.messaging.start()
      await publisher.messaging.start()
      for (let n = 1; n <= 4; n++) await publisher.messaging.publish(Loose, { n }, { key: 'k' })
      await until('two are refused', async () => (await consumer.messaging.deadLetters.count()) === 2)
      await settled(consumer)
      assert.deepEqual(seen, [2, 4])
      for (const letter of await consumer.messaging.deadLetters.list()) {
        assert.match(letter.reason, /n: expected an even number n/)
        assert.equal(letter.attempts, 1)
      }
    },
  },
  {
    name: 'whatever a handler throws, and also a schema that throws, ends among the dead letters',
    async run(harness) {
      const Odd = messageType(fresh('odd'), fact)
      const name = fresh('placed')
      const Loose = messageType(name, fact)
      const Failing = messageType(
        name,
        schemaOf('anything', (value): value is unknown => {
          throw new TypeError(`cannot look at ${typeof value}`)
        }),
      )
      const publisher = await harness.join([Loose, Odd])
      const consumer = await harness.join([Failing, Odd])
      consumer.messaging.subscribe(Failing, { group: fresh('group') }, () => {})
      consumer.messaging.subscribe(Odd, { group: fresh('odd'), retry: { ...soon, attempts: 2 } }, () => {
        // It has no text.
        throw Object.create(null)
      })
      await consumer.messaging.start()
      await publisher.messaging.start()
      await publisher.messaging.publish(Loose, { n: 1 })
      await publisher.messaging.publish(Odd, { n: 2 })
      await until('both are given up', async () => (await consumer.messaging.deadLetters.count()) === 2)
      const letters = await consumer.messaging.deadLetters.list()
      assert.deepEqual(letters.map(({ type, attempts }) => [type, attempts]).sort(), [
        [Odd.name, 2],
        [name, 1],
      ])
      assert.match(letters.find(({ type }) => type === name)!.stack, /cannot look at object/)
    },
  },
  {
    name: 'messages of earlier versions are lifted, those of later ones wait among the dead letters',
    async run(harness) {
      const name = fresh('placed')
      const versions = [1, 2, 3, 4].map(version => messageType(name, fact, version))
      const Third = messageType(name, fact, 3, {
        1: data => ({ n: (data as { n: number }).n + 10 }),
        2: data => ({ n: (data as { n: number }).n + 100 }),
      })
      const consumer = await harness.join([Third])
      const seen: number[] = []
      consumer.messaging.subscribe(Third, { group: fresh('group') }, ({ data, version }) => {
        assert.equal(version, 3)
        seen.push(data.n)
      })
      await consumer.messaging.start()
      for (const [n, type] of versions.entries()) {
        const { messaging } = await harness.join([type])
        await messaging.start()
        await messaging.publish(type, { n }, { key: 'k' })
      }
      await until('the last one is refused', async () => (await consumer.messaging.deadLetters.count()) === 1)
      assert.deepEqual(seen, [110, 101, 2])
      const [letter] = await consumer.messaging.deadLetters.list()
      assert.match(letter!.reason, /Version 4 is newer/)
    },
  },
]
