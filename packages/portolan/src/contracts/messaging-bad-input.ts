import assert from 'node:assert/strict'
import type { WireMessage } from '../messaging/driver.ts'
import { systemIds } from '../runtime/identity.ts'
import type { ContractCase } from './contract.ts'
import { fact, fresh, type MessagingHarness, messageType, settled, until } from './messaging-support.ts'

/** What others put on the wire, or what an older or newer version of the application has: it ends somewhere, and the rest flows on. */
export const badInputCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'what makes no sense on the wire is among the dead letters, with the reason, and what follows it is handled',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const member = await harness.join([Placed])
      const { messaging } = member
      const seen: number[] = []
      messaging.subscribe(Placed, { group }, ({ data }) => void seen.push(data.n))
      await messaging.start()
      const wire = (change: Partial<WireMessage>) => ({ ...wireMessage(Placed.name), ...change })
      const dataschema = `urn:portolan:message:${Placed.name}:99`
      await member.inject(wire({ payload: '{"n": 1' }))
      await member.inject(wire({ payload: '' }))
      await member.inject(wire({ payload: 'null' }))
      await member.inject(wire({ payload: '{"n": "one"}' }))
      await member.inject(wire({ attributes: { dataschema } }))
      await messaging.publish(Placed, { n: 2 }, { key: 'k' })
      await until('the one after them is handled', () => seen.length > 0)
      await until('they are given up', async () => (await messaging.deadLetters.count()) === 5)
      await settled(member)
      assert.deepEqual(seen, [2])
      const letters = await messaging.deadLetters.list()
      assert.ok(letters.every(({ consumer, type }) => consumer === group && type === Placed.name))
      const reasons = letters.map(({ reason }) => reason)
      assert.equal(reasons.filter(reason => reason === 'The data is no JSON.').length, 2, reasons.join('\n'))
      assert.equal(reasons.filter(reason => /n: expected a number n/.test(reason)).length, 2)
      assert.equal(reasons.filter(reason => /^Version 99 is newer than 1/.test(reason)).length, 1)
      assert.ok(letters.some(({ payload }) => payload === '{"n": 1'))
    },
  },
  {
    name: 'attributes that are no text reach no handler as such, and hold nothing up',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging } = member
      const seen: number[] = []
      messaging.subscribe(Placed, { group: fresh('group') }, ({ data, subject }) => {
        assert.ok(subject === undefined || typeof subject === 'string')
        seen.push(data.n)
      })
      await messaging.start()
      let accepted = 0
      for (const subject of [{ of: 'what' }, [1], null, 7]) {
        const attributes = { subject } as unknown as Record<string, string>
        // Some have no place for them: then they are refused before they are on the wire, or are text on it.
        const given = { ...wireMessage(Placed.name), attributes, payload: '{"n": 1}' }
        await member.inject(given).then(
          () => accepted++,
          () => {},
        )
      }
      await messaging.publish(Placed, { n: 2 }, { key: 'k' })
      await until('the one after them is handled', () => seen.includes(2))
      await until('they have ended', async () => {
        return seen.length - 1 + (await messaging.deadLetters.count()) === accepted
      })
      for (const { reason } of await messaging.deadLetters.list())
        assert.match(reason, /^Its attribute 'subject' is no text/)
    },
  },
  {
    name: 'a message whose handler is gone from the code holds nothing up, and is there when the handler is back',
    requires: 'durable',
    async run(harness) {
      const [Placed, Paid] = [messageType(fresh('placed'), fact), messageType(fresh('paid'), fact)]
      const group = fresh('group')
      const publisher = await harness.join([Placed, Paid])
      await publisher.messaging.start()
      const seen: string[] = []
      /** A version of the application whose group handles these. */
      const deploy = async (...types: (typeof Placed)[]) => {
        const member = await harness.join([Placed, Paid])
        for (const type of types)
          member.messaging.subscribe(type, { group }, ({ data }) => {
            seen.push(`${type === Placed ? 'placed' : 'paid'} ${data.n}`)
          })
        await member.messaging.start()
        return member
      }
      await (await deploy(Placed, Paid)).messaging.stop()
      const without = await deploy(Placed)
      await publisher.messaging.publish(Paid, { n: 1 }, { key: 'k' })
      await publisher.messaging.publish(Placed, { n: 2 }, { key: 'k' })
      await until('what has a handler is handled', () => seen.length === 1)
      await without.messaging.stop()
      for (const { reason } of await publisher.messaging.deadLetters.list())
        assert.equal(reason, 'This group has no handler for its type.')
      await deploy(Placed, Paid)
      await publisher.messaging.deadLetters.replayAll()
      await until('the other one is handled', () => seen.length === 2)
      assert.deepEqual(seen, ['placed 2', 'paid 1'])
    },
  },
  {
    name: 'ten MiB arrive as well, and what follows them',
    requires: 'largeMessages',
    run: harness => tenMebibytes(harness, [1, 2], 0),
    otherwise: harness => tenMebibytes(harness, [2], 1),
  },
]

async function tenMebibytes(
  harness: MessagingHarness,
  expected: readonly number[],
  dead: number,
): Promise<void> {
  const Placed = messageType(fresh('placed'), fact)
  const member = await harness.join([Placed])
  const { messaging } = member
  const seen: number[] = []
  const size = 10 * 2 ** 20
  messaging.subscribe(Placed, { group: fresh('group') }, ({ data }) => {
    assert.equal(data.text?.length, data.n === 1 ? size : undefined)
    seen.push(data.n)
  })
  await messaging.start()
  await messaging.publish(Placed, { n: 1, text: 'x'.repeat(size) }, { key: 'k' })
  await messaging.publish(Placed, { n: 2 }, { key: 'k' })
  await settled(member)
  assert.deepEqual(seen, expected)
  const letters = await messaging.deadLetters.list()
  assert.deepEqual(
    letters.map(({ consumer }) => consumer),
    Array(dead).fill('outbox'),
  )
}

function wireMessage(topic: string): WireMessage {
  return {
    id: systemIds.next(),
    topic,
    key: 'k',
    attributes: { source: 'elsewhere', time: '2026-01-02T03:04:05Z' },
    payload: '{}',
    group: undefined,
  }
}
