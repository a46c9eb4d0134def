import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { AckPolicy, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { openBroker } from 'portolan/messaging'
import { engineUrl, skipWithout } from 'portolan-engines'
import { until } from '../../src/contracts/messaging-support.ts'
import type { BrokerDriver, ConsumeRequest } from '../../src/messaging/driver.ts'

/** What is JetStream's own: a stream keeps a message until every consumer has had it, also one that nobody reads from. */

const topic = 'shop.order.placed'
const group = 'billing'

async function openDriver(url: string): Promise<BrokerDriver & AsyncDisposable> {
  const driver = await openBroker(url)
  await driver.open()
  return Object.assign(driver, { [Symbol.asyncDispose]: () => driver.close() })
}

describe('NATS JetStream', { skip: await skipWithout('nats') }, () => {
  test('the consumers of a process that was killed while it replaced them are deleted, with what they held back', async () => {
    const server = await engineUrl('nats')
    const stream = `test-${randomUUID().slice(0, 8)}`
    await using stack = new AsyncDisposableStack()
    const connection = await connect({ servers: new URL(server).host })
    stack.defer(() => connection.close())
    const manager = await jetstreamManager(connection)
    const url = `${server}/?prefix=${stream}&partitions=1`
    const handled: string[] = []
    const request: ConsumeRequest = {
      ...{ group, topics: [topic], partition: 0, owns: () => true, prefetch: 100 },
      deliver(delivery) {
        handled.push(delivery.message.id)
        void delivery.ack()
      },
      tookOver() {},
    }
    const names = async () => {
      const found: string[] = []
      for await (const { name } of manager.consumers.list(stream)) found.push(name)
      return found
    }
    const one = stack.use(await openDriver(url))
    stack.defer(async () => {
      for (const name of [stream, `${stream}-readers`]) await manager.streams.delete(name)
    })
    await one.bind(group, [topic])
    const [bound] = await names()
    const left = bound!.replace(/[^-]+$/, 'left')
    await manager.consumers.add(stream, {
      ...{ durable_name: left, filter_subject: `${stream}.0.${topic}`, ack_policy: AckPolicy.Explicit },
    })
    await one.publish([
      {
        ...{ id: 'm-1', topic, key: undefined, payload: '1', group: undefined },
        attributes: { source: 'test', time: new Date(0).toISOString() },
      },
    ])
    const reading = await one.consume(request)
    await until('it is handled', () => handled.length > 0)
    await reading.close()
    const found = await names()
    assert.equal(found.length, 2)
    assert.ok(found.includes(left))
    assert.equal((await manager.streams.info(stream)).state.messages, 1)

    const other = stack.use(await openDriver(url))
    const takenOver = await other.consume(request)
    await until('the consumer is deleted', async () => !(await names()).includes(left))
    await until('the stream is empty', async () => (await manager.streams.info(stream)).state.messages === 0)
    assert.deepEqual(handled, ['m-1'])
    await takenOver.close()
  })
})
