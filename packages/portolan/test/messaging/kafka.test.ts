import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Admin, type MessageToProduce, Producer } from '@platformatic/kafka'
import { openBroker } from 'portolan/messaging'
import { until } from '../../src/contracts/messaging-support.ts'
import type { BrokerDriver, Consumption, Delivery, WireMessage } from '../../src/messaging/driver.ts'
import { brokers } from './brokers.ts'

/** What only Kafka has: a log that others write to, administer and delete. */

const { url, skip } = brokers.find(({ name }) => name === 'Kafka')!
const prefix = new URL(url).searchParams.get('prefix')!
const options = { clientId: 'others', bootstrapBrokers: [new URL(url).host] }
let count = 0

/** A broker, and a type and a group that nobody else has. */
async function open() {
  const driver = await openBroker(url)
  await driver.open()
  const type = `kafka.test.n${count++}`
  const group = `group ${type}`
  const consumed: Consumption[] = []
  return {
    ...{ driver, type, group, topic: `${prefix}.${type}` },
    /** Both partitions; collects what comes. */
    async consume({ owns = () => true, from = driver }: { owns?: () => boolean; from?: BrokerDriver } = {}) {
      const deliveries: Delivery[] = []
      for (const partition of [0, 1])
        consumed.push(
          await from.consume({
            ...{ group, topics: [type], partition, owns, prefetch: 64 },
            deliver: delivery => void deliveries.push(delivery),
            tookOver() {},
          }),
        )
      return deliveries
    },
    async closeConsumers() {
      for (const consumption of consumed.splice(0)) await consumption.close()
    },
    async [Symbol.asyncDispose]() {
      for (const consumption of consumed) await consumption.close()
      await driver.unbind(group, type, [])
      await driver.close()
    },
  }
}

function message(topic: string, n: number, more: Partial<WireMessage> = {}): WireMessage {
  const attributes = { source: 'test', time: new Date(0).toISOString() }
  return {
    id: `${topic}/${n}`,
    topic,
    key: undefined,
    attributes,
    payload: JSON.stringify({ n }),
    group: undefined,
    ...more,
  }
}

const ids = (deliveries: readonly Delivery[]) => deliveries.map(({ message }) => message.id)

async function asOthers(
  topic: string,
  records: readonly Partial<MessageToProduce>[],
  more: object = {},
): Promise<void> {
  const producer = new Producer(options)
  const value = Buffer.from('{"n":1}')
  for (const record of records)
    await producer.send({
      messages: [{ topic, partition: 0, value, ...record } as MessageToProduce],
      ...more,
    })
  await producer.close()
}

async function administer<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin(options)
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

describe('Kafka', { skip, concurrency: true }, () => {
  test('whatever others write is read, or says what is wrong with it', async () => {
    await using place = await open()
    const { driver, type, group, topic } = place
    await driver.bind(group, [type])
    const [text, bytes] = [(value: string) => Buffer.from(value), Buffer.from([0xff, 0xfe])]
    const headers = (...entries: [Buffer, Buffer | null][]) => new Map(entries) as Map<Buffer, Buffer>
    await asOthers(topic, [
      {
        key: text('customer 1'),
        headers: headers([text('ce_id'), text('other-1')], [text('CE_TYPE'), text(type)]),
      },
      {
        value: text(JSON.stringify({ specversion: '1.0', id: 'other-2', source: 's', type, data: { n: 2 } })),
        headers: headers([text('content-type'), text('application/cloudevents+json; charset=utf-8')]),
      },
      { key: bytes },
      { headers: headers([text('ce_id'), text('other-4')], [text('ce_source'), bytes]) },
      { headers: headers([text('ce_id'), text('other-5')], [text('ce_source'), null], [bytes, bytes]) },
      { value: bytes },
      { value: null as unknown as Buffer },
      { headers: headers([text('content-type'), text('application/avro')]) },
    ])
    await asOthers(topic, [{ headers: headers([text('ce_id'), text('packed')]) }], { compression: 'gzip' })
    const deliveries = await place.consume()
    await until('all are here', () => deliveries.length === 9)
    const found = deliveries.map(({ message: { id, key, payload, fault } }) => ({ id, key, payload, fault }))
    assert.deepEqual(found, [
      { id: 'other-1', key: 'customer 1', payload: '{"n":1}', fault: undefined },
      { id: 'other-2', key: undefined, payload: '{"n":2}', fault: undefined },
      { id: `${topic}:0:2`, key: undefined, payload: '{"n":1}', fault: undefined },
      { id: 'other-4', key: undefined, payload: '{"n":1}', fault: "Its attribute 'source' is no text." },
      { id: 'other-5', key: undefined, payload: '{"n":1}', fault: "Its attribute 'source' is no text." },
      { id: `${topic}:0:5`, key: undefined, payload: '\uFFFD\uFFFD', fault: 'Its body is no UTF-8.' },
      { id: `${topic}:0:6`, key: undefined, payload: '', fault: undefined },
      {
        id: `${topic}:0:7`,
        key: undefined,
        payload: '{"n":1}',
        fault: 'Its data is application/avro, not JSON.',
      },
      { id: 'packed', key: undefined, payload: '{"n":1}', fault: undefined },
    ])
    for (const { message } of deliveries) assert.equal(message.topic, type)
  })

  test('what is not finished comes again, whatever was finished behind it; what is before it does not', async () => {
    await using place = await open()
    const { driver, type, group } = place
    await driver.bind(group, [type])
    await driver.publish(Array.from({ length: 10 }, (_, n) => message(type, n, { key: 'one' })))
    const first = await place.consume()
    await until('all are here', () => first.length === 10)
    for (const [n, delivery] of first.entries()) if (n !== 3) await delivery.ack()
    assert.equal((await driver.backlog([group]))[0]!.waiting, 1)
    await place.closeConsumers()
    await using other = await open()
    const second = await place.consume({ from: other.driver })
    await until('the rest is here', () => second.length === 7)
    assert.deepEqual(
      ids(second),
      [3, 4, 5, 6, 7, 8, 9].map(n => `${type}/${n}`),
    )
    for (const delivery of second) await delivery.ack()
    await place.closeConsumers()
    assert.equal((await driver.backlog([group]))[0]!.waiting, 0)
  })

  test('who does not own the partition reads nothing', async () => {
    await using place = await open()
    const { driver, type, group } = place
    await driver.bind(group, [type])
    let owned = false
    const deliveries = await place.consume({ owns: () => owned })
    await driver.publish([message(type, 1)])
    await using other = await open()
    const others = await place.consume({ from: other.driver })
    await until('somebody has it', () => others.length === 1)
    assert.equal(deliveries.length, 0)
    owned = true
    await until('it is read', () => deliveries.length === 1)
  })

  test('a group that many bind at once begins where the first of them did', async () => {
    await using place = await open()
    const { driver, type, group } = place
    await driver.publish([message(type, 0)])
    const others = await Promise.all(Array.from({ length: 4 }, () => openBroker(url)))
    let n = 1
    await Promise.all(
      others.map(async other => {
        await other.open()
        await other.bind(group, [type])
        await other.publish([message(type, n++)])
        await other.close()
      }),
    )
    const deliveries = await place.consume()
    await until('all since then are here', () => deliveries.length === 4)
    assert.deepEqual(
      ids(deliveries).toSorted(),
      [1, 2, 3, 4].map(each => `${type}/${each}`),
    )
  })

  test('of a topic that an administrator has made, all partitions are read, and a key stays in one', async () => {
    await using place = await open()
    const { driver, type, group, topic } = place
    await administer(admin => admin.createTopics({ topics: [topic], partitions: 5 }))
    await driver.bind(group, [type])
    await asOthers(
      topic,
      [0, 1, 2, 3, 4].map(partition => ({ partition })),
    )
    await driver.publish(Array.from({ length: 20 }, (_, n) => message(type, n, { key: `k${n % 4}` })))
    const deliveries = await place.consume()
    await until('all are here', () => deliveries.length === 25)
    for (const key of ['k0', 'k1', 'k2', 'k3']) {
      const own = deliveries.filter(({ message }) => message.key === key)
      assert.deepEqual(
        ids(own),
        [0, 4, 8, 12, 16].map(n => `${type}/${n + Number(key[1])}`),
      )
    }
  })

  test('what is too large is refused alone, and many that are large go in parts', async () => {
    await using place = await open()
    const { driver, type, group } = place
    await driver.bind(group, [type])
    const text = (size: number) => ({ key: 'one', payload: JSON.stringify('x'.repeat(size)) })
    const all = [
      ...[message(type, 0, text(9)), message(type, 1, text(10 << 20)), message(type, 2, text(9))],
      ...Array.from({ length: 20 }, (_, n) => message(type, n + 3, text(200_000))),
    ]
    const failures = await driver.publish(all)
    assert.deepEqual(
      failures.map(({ id, permanent }) => [id, permanent]),
      [[`${type}/1`, true]],
    )
    assert.match(String(failures[0]!.error), /larger than/)
    const deliveries = await place.consume()
    await until('the others are here', () => deliveries.length >= all.length - 1)
    assert.deepEqual(
      ids(deliveries),
      all.filter((_, n) => n !== 1).map(({ id }) => id),
    )
  })

  test('what Kafka has deleted meanwhile is passed over, and a topic that is deleted is made again', async () => {
    await using place = await open()
    const { driver, type, group, topic } = place
    await driver.bind(group, [type])
    await driver.publish(Array.from({ length: 6 }, (_, n) => message(type, n, { key: 'one' })))
    const ends = [0, 1].map(partition => ({ partition, offset: -1n }))
    await administer(admin => admin.deleteRecords({ topics: [{ name: topic, partitions: ends }] }))
    assert.equal((await driver.backlog([group]))[0]!.waiting, 0)
    const deliveries = await place.consume()
    await driver.publish([message(type, 6, { key: 'one' })])
    await until('what is left is here', () => deliveries.length > 0)
    assert.deepEqual(ids(deliveries), [`${type}/6`])
    await deliveries[0]!.ack()
    const idOf = async (admin: Admin) => {
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true, retries: 0 })
      return topics.get(topic)!.id
    }
    await administer(async admin => {
      const before = await idOf(admin)
      await admin.deleteTopics({ topics: [topic] })
      await until('it is made again', async () => (await idOf(admin).catch(() => before)) !== before)
    })
    // More than there were, so that a place of before would skip some.
    await driver.publish(Array.from({ length: 20 }, (_, n) => message(type, n + 7, { key: 'one' })))
    await until('what came after that is here', () => deliveries.length > 20)
    assert.deepEqual(
      ids(deliveries),
      Array.from({ length: 21 }, (_, n) => `${type}/${n + 6}`),
    )
  })
})
