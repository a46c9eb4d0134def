import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { openBroker } from 'portolan/messaging'
import { skipUnlessInstalled, startServer } from 'portolan-engines'
import { fresh, until } from '../../src/contracts/messaging-support.ts'
import type { BrokerDriver, ConsumeRequest, Delivery, WireMessage } from '../../src/messaging/driver.ts'

/** What is JetStream's own: streams keep what they are given until they are told that every group has had it. */

const topic = 'shop-order'
/** Of that topic's first partition. */
const stream = 'portolan-0-shop-order'

interface Ground extends AsyncDisposable {
  readonly manager: JetStreamManager
  kill(): Promise<void>
  restart(): Promise<void>
  open(partitions?: number): Promise<BrokerDriver>
  consumers(): Promise<string[]>
  messages(): Promise<number>
}

/** A server with nothing on it. */
async function openGround(): Promise<Ground> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startServer('nats'))
  const connection = await connect({ servers: new URL(server.url).host, maxReconnectAttempts: -1 })
  stack.defer(() => connection.close())
  const manager = await jetstreamManager(connection)
  const owned = stack.move()
  return {
    manager,
    kill: () => server.kill(),
    restart: () => server.restart(),
    async open(partitions = 1) {
      const driver = await openBroker(`${server.url}/?partitions=${partitions}`)
      await driver.open()
      owned.defer(() => driver.close())
      return driver
    },
    async consumers() {
      const found: string[] = []
      for await (const { name } of manager.consumers.list(stream)) found.push(name)
      return found
    },
    messages: async () => (await manager.streams.info(stream)).state.messages,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function message(id: string): WireMessage {
  return {
    ...{ id, topic, key: id, payload: '1', group: undefined },
    attributes: { source: 'test', time: new Date(0).toISOString() },
  }
}

/** Adds the ids of what it is given to `handled`. */
function request(group: string, handled: string[], partition = 0): ConsumeRequest {
  return {
    ...{ group, topics: [topic], partition, owns: () => true, prefetch: 100 },
    deliver(delivery) {
      handled.push(delivery.message.id)
      void delivery.ack()
    },
    tookOver() {},
  }
}

describe('NATS JetStream', { skip: skipUnlessInstalled('nats') }, () => {
  test('what every group has had is removed, but for the newest, and nothing before that', async () => {
    await using ground = await openGround()
    const [one, groups] = [await ground.open(), [fresh('billing'), fresh('shipping')]] as const
    for (const group of groups) await one.bind(group, [topic])
    const ids = Array.from({ length: 20 }, (_, n) => `m-${n}`)
    await one.publish(ids.map(message))
    const [billing, shipping]: [string[], string[]] = [[], []]
    await one.consume(request(groups[0], billing))
    await until('one group has had all', () => billing.length === ids.length)

    // Whoever begins looks at once.
    const second = await ground.open()
    await second.publish([message('m-20')])
    await until('it has that, too', () => billing.length === ids.length + 1)
    assert.equal(await ground.messages(), ids.length + 1)
    await second.consume(request(groups[1], shipping))
    await until('the other has had all', () => shipping.length === ids.length + 1)
    assert.deepEqual(shipping, [...ids, 'm-20'])

    await until('both have acknowledged', async () =>
      (await second.backlog(groups)).every(b => b.waiting === 0),
    )
    const third = await ground.open()
    await third.publish([message('m-21')])
    await until('all but the newest are gone', async () => (await ground.messages()) <= 2)
    await until('and that is handled', () => billing.length === 22 && shipping.length === 22)
  })

  test('whoever takes a partition over begins with what the last one had in hand', async () => {
    await using ground = await openGround()
    const [one, other, group] = [await ground.open(), await ground.open(), fresh('billing')] as const
    await one.bind(group, [topic])
    await one.publish(['m-1', 'm-2', 'm-3'].map(message))
    const inHand: Delivery[] = []
    await one.consume({ ...request(group, []), deliver: delivery => void inHand.push(delivery) })
    await until('they are in hand', () => inHand.length === 3)
    await inHand[1]!.ack()

    const handled: string[] = []
    await other.consume(request(group, handled))
    await until('they are handled', async () => (await other.backlog([group]))[0]!.waiting === 0)
    // The last one is too late.
    await inHand[0]!.ack()
    await one.publish([message('m-4')])
    await until('only the new one goes on', () => handled.length >= 4)
    assert.deepEqual(handled, ['m-1', 'm-2', 'm-3', 'm-4'])
  })

  test('a consumer that was deleted is made again, and nothing is passed over', async () => {
    await using ground = await openGround()
    const [one, group, handled] = [await ground.open(), fresh('billing'), [] as string[]] as const
    await one.bind(group, [topic])
    await one.consume(request(group, handled))
    await one.publish([message('m-1')])
    await until('it is handled', async () => (await one.backlog([group]))[0]!.waiting === 0)
    for (const name of await ground.consumers()) await ground.manager.consumers.delete(stream, name)
    await one.publish([message('m-2')])
    await until('the next is handled, too', async () => (await one.backlog([group]))[0]!.waiting === 0)
    assert.deepEqual(handled, ['m-1', 'm-2'])
  })

  test('a stream that was deleted is made again by whoever publishes', async () => {
    await using ground = await openGround()
    const one = await ground.open()
    await one.publish([message('m-1')])
    await ground.manager.streams.delete(stream)
    await assert.rejects(one.publish([message('m-2')]))
    assert.deepEqual(await one.publish([message('m-2')]), [])
    assert.equal(await ground.messages(), 1)
  })

  test('of a stream that was deleted and made again, a group is given everything', async () => {
    await using ground = await openGround()
    const [one, group, handled] = [await ground.open(), fresh('billing'), [] as string[]] as const
    await one.bind(group, [topic])
    await one.publish(['m-1', 'm-2'].map(message))
    const reading = await one.consume(request(group, handled))
    await until('they are handled', () => handled.length === 2)
    await reading.close()
    await ground.manager.streams.delete(stream)
    const other = await ground.open()
    await other.publish([message('m-3')])
    await other.consume(request(group, handled))
    await until('what is new is handled', () => handled.length === 3)
  })

  test('what somebody has removed from a stream waits for nobody', async () => {
    await using ground = await openGround()
    const [one, group, handled] = [await ground.open(), fresh('billing'), [] as string[]] as const
    await one.bind(group, [topic])
    await one.publish(['m-1', 'm-2'].map(message))
    await ground.manager.streams.purge(stream)
    await one.consume(request(group, handled))
    await until('nothing waits', async () => (await one.backlog([group]))[0]!.waiting === 0)
    await one.publish([message('m-3')])
    await until('what is new is handled', () => handled.length === 1)
    assert.deepEqual(handled, ['m-3'])
  })

  test('a stream that an operator has changed is used as it is', async () => {
    await using ground = await openGround()
    await (await ground.open()).publish([message('m-1')])
    for (const name of [stream, 'portolan-positions'])
      await ground.manager.streams.update(name, { max_bytes: 1_000_000 })
    const other = await ground.open()
    assert.deepEqual(await other.publish([message('m-2')]), [])
    assert.equal((await ground.manager.streams.info(stream)).config.max_bytes, 1_000_000)
  })

  test('a server that is killed again and again forgets nothing that is far behind', async () => {
    await using ground = await openGround()
    const [partitions, batch, kills] = [8, 400, 4]
    const [driver, group, read] = [await ground.open(partitions), fresh('billing'), [] as string[]]
    await driver.bind(group, [topic])
    // The others fall behind.
    for (const partition of [0, 1, 2]) await driver.consume(request(group, read, partition))
    const published: string[] = []
    for (let kill = 0; kill < kills; kill++) {
      for (let round = 0; round < 10; round++) {
        const ids = Array.from({ length: batch }, (_, n) => `${kill}-${round}-${n}`)
        assert.deepEqual(await driver.publish(ids.map(message)), [])
        published.push(...ids)
      }
      await ground.kill()
      await ground.restart()
      await until('it is connected again', async () => (await driver.health()).status === 'up')
    }
    const late: string[] = []
    for (const partition of [3, 4, 5, 6, 7]) await driver.consume(request(group, late, partition))
    await until('nothing waits', async () => (await driver.backlog([group]))[0]!.waiting === 0)
    assert.deepEqual(new Set([...read, ...late]), new Set(published))
  })
})
