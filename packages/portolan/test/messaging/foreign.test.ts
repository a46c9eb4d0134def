import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defineMessage } from 'portolan'
import { z } from 'zod'
import { fresh, settled, until } from '../../src/contracts/messaging-support.ts'
import { brokers, type TestBroker } from './brokers.ts'
import { type EngineName, engines } from './engines.ts'
import { openHarness } from './harness.ts'
import { type RawClient, type RawMessage, rawClientOf } from './raw-clients.ts'

/** Whatever programs of another make publish: what makes no sense is a dead letter with the reason, and holds nothing up. */

const good = Buffer.from('{"n":1}')
const tenMebibytes = 10 * 1024 * 1024

interface Bad extends RawMessage {
  readonly reason: RegExp
}

/** Each is good but for one thing. */
function badMessages({ noText, largest = Infinity }: RawClient, type: string): Bad[] {
  const attributes = { specversion: '1.0', source: '/till', type, partitionkey: 'k' }
  const dataschema = `urn:portolan:message:${type}:9`
  const messages: Bad[] = [
    { attributes: { ...attributes, type: 'nobody.knows' }, body: good, reason: /no handler for its type/ },
    {
      attributes: { ...attributes, type: 'x'.repeat(400) },
      body: good,
      reason: /type has more than 200 characters/,
    },
    { attributes: { ...attributes, dataschema }, body: good, reason: /Version 9 is newer than 1/ },
    { attributes, body: Buffer.from('<n>1</n>'), reason: /The data is no JSON/ },
    { attributes, body: Buffer.from('{"n":"one"}'), reason: /The data is not valid: n: / },
    { attributes, body: Buffer.of(0x22, 0xff, 0xfe, 0x22), reason: /no UTF-8|not valid/ },
    { attributes, body: Buffer.alloc(tenMebibytes, 'x'), reason: /The data is no JSON/ },
    { attributes, body: good, contentType: 'application/xml', reason: /application\/xml, not JSON/ },
    { attributes: { ...attributes, specversion: '0.3' }, body: good, reason: /CloudEvents 0\.3, not 1\.0/ },
    { attributes: { ...attributes, subject: noText }, body: good, reason: /'subject' is no text/ },
    { attributes: { ...attributes, time: 'yesterday' }, body: good, reason: /'time' is no point in time/ },
    { attributes, body: Buffer.from('{'), contentType: 'application/cloudevents+json', reason: /no JSON/ },
    // The stream of a group says no type, where the message does not.
    { body: Buffer.alloc(0), reason: /The data is no JSON|no handler for its type/ },
  ]
  return messages
    .filter(({ body }) => body.length <= largest)
    .map((message, n) =>
      message.attributes
        ? { ...message, attributes: { ...message.attributes, id: `${n} ${'i'.repeat(300)}` } }
        : message,
    )
}

async function holdUpNothing(broker: TestBroker, engine: EngineName): Promise<void> {
  await using harness = await openHarness('apart', { broker, engine })
  await using raw = (await rawClientOf(broker))!
  const Placed = defineMessage(fresh('placed'), { version: 1, schema: z.object({ n: z.int() }) })
  const group = fresh('group')
  const member = await harness.join([Placed])
  const { messaging } = member
  const seen: string[] = []
  messaging.subscribe(Placed, { group }, ({ source, key, data }) => {
    assert.deepEqual([key, data], ['k'.repeat(5_000), { n: 1 }])
    seen.push(source)
  })
  await messaging.start()
  const bad = badMessages(raw, Placed.name)
  for (const [n, message] of bad.entries()) {
    await raw.publish(group, Placed.name, message)
    const attributes = {
      id: `good ${n}`,
      source: `/${n}`,
      type: Placed.name,
      partitionkey: 'k'.repeat(5_000),
    }
    await raw.publish(group, Placed.name, { attributes, body: good })
  }
  await until('the good ones are handled', () => seen.length === bad.length)
  await until('the others are given up', async () => (await messaging.deadLetters.count()) === bad.length)
  assert.deepEqual(
    seen,
    bad.map((_, n) => `/${n}`),
  )
  const letters = await messaging.deadLetters.list()
  // Those that few are given up for come first, so that each is left to whom it can be for, in whatever order they were given up.
  const candidates = (reason: string) => bad.filter(({ reason: expected }) => expected.test(reason)).length
  const reasons = letters.map(({ reason }) => reason).toSorted((a, b) => candidates(a) - candidates(b))
  for (const { reason: expected } of bad) {
    const at = reasons.findIndex(reason => expected.test(reason))
    assert.ok(at >= 0, `${expected} is not among: ${reasons.join(' | ')}`)
    reasons.splice(at, 1)
  }
  for (const { consumer, createdAt } of letters) {
    assert.equal(consumer, group)
    assert.ok(createdAt.getTime() > 0)
  }
  await settled(member)
}

describe('what others publish', { concurrency: 2 }, () => {
  for (const broker of brokers) {
    // Kafka, whose log its own test writes to.
    if (!['RabbitMQ', 'NATS JetStream', 'Redis Streams', 'MQTT'].includes(broker.name)) continue
    test(`over ${broker.name}`, { skip: broker.skip }, () => holdUpNothing(broker, 'sqlite'))
  }
  const redis = brokers.find(({ name }) => name === 'Redis Streams')!
  for (const { engine, skip } of engines.filter(({ engine }) => engine !== 'sqlite'))
    test(`into ${engine}`, { skip: redis.skip || skip }, () => holdUpNothing(redis, engine))
})
