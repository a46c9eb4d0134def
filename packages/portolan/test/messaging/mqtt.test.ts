import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { openBroker } from 'portolan/messaging'
import { skipUnlessInstalled, startServer } from 'portolan-engines'
import { until } from '../../src/contracts/messaging-support.ts'
import type { BrokerDriver, Delivery, WireMessage } from '../../src/messaging/driver.ts'

/** What is Mosquitto's own: what it keeps when it is killed, what it drops, and what it forgets. */

const topic = 'shop.order.placed'
const group = 'billing'

function message(n: number, more: Partial<WireMessage> = {}): WireMessage {
  const attributes = { source: 'test', time: new Date(0).toISOString() }
  return { id: `m-${n}`, topic, key: 'k', attributes, payload: String(n), group: undefined, ...more }
}

async function openDriver(url: string, parameters = ''): Promise<BrokerDriver & AsyncDisposable> {
  const driver = await openBroker(`${url}?partitions=1${parameters}`)
  await driver.open()
  return Object.assign(driver, { [Symbol.asyncDispose]: () => driver.close() })
}

/** Takes what comes to `group`, and leaves its acknowledgement to the test. */
async function consume(driver: BrokerDriver, topics: readonly string[] = [topic]) {
  const taken: Delivery[] = []
  const consumption = await driver.consume({
    ...{ group, topics, partition: 0, owns: () => true, prefetch: 100 },
    deliver: delivery => void taken.push(delivery),
    tookOver() {},
  })
  return { ...consumption, taken, payloads: () => taken.map(({ message }) => message.payload) }
}

/** Publishes when the broker is back. */
async function publish(driver: BrokerDriver, ...messages: WireMessage[]): Promise<void> {
  await until('it is published', async () => {
    const failures = await driver.publish(messages).catch(() => undefined)
    return failures?.length === 0
  })
}

describe('Mosquitto', { skip: skipUnlessInstalled('mqtt'), concurrency: true }, () => {
  test('what waits and what is in hand survives its kill, where each batch waits for its file', async () => {
    await using server = await startServer('mqtt')
    await using driver = await openDriver(server.url, '&checkpoint=true')
    await driver.bind(group, [topic])
    for (let n = 0; n < 5; n++) {
      await publish(driver, message(n))
      await server.kill()
      await server.restart()
    }
    const waited = await consume(driver)
    await until('what waited comes', () => waited.taken.length === 5)
    assert.deepEqual(waited.payloads(), ['0', '1', '2', '3', '4'])
    for (const delivery of waited.taken) await delivery.ack()
    waited.taken.length = 0
    await publish(driver, message(5), message(6))
    await until('both are in hand', () => waited.taken.length === 2)
    await server.kill()
    await server.restart()
    await publish(driver, message(7))
    await until('the last one comes', () => waited.payloads().at(-1) === '7')
    // Acknowledgements may be lost, what is not acknowledged may not.
    assert.deepEqual(waited.payloads().slice(-3), ['5', '6', '7'])
    await waited.close()
  })

  test('without that, what is in hand is lost with it', async () => {
    await using server = await startServer('mqtt')
    const warned = await openBroker(server.url)
    assert.match(String(await warned.open()), /autosave_on_changes true, and add checkpoint=true/)
    await warned.close()
    await using driver = await openDriver(server.url)
    await driver.bind(group, [topic])
    const consumed = await consume(driver)
    // What it is told otherwise meanwhile makes it write its file: then it is not lost.
    const lost = async (n: number) => {
      await publish(driver, message(n))
      await until('it is in hand', () => consumed.payloads().includes(String(n)))
      await driver.backlog([group])
      await publish(driver, message(n + 1))
      await until('the next one is, too', () => consumed.payloads().includes(String(n + 1)))
      await server.kill()
      await server.restart()
      await publish(driver, message(n + 2))
      await until('the last one comes', () => consumed.payloads().includes(String(n + 2)))
      return consumed.payloads().filter(payload => payload === String(n + 1)).length === 1
    }
    let n = 0
    await until('one is lost', () => {
      n += 10
      return lost(n)
    })
    await consumed.close()
  })

  test('after it has forgotten everything, sessions are made again before anything is published', async () => {
    await using server = await startServer('mqtt', { args: ['persistence false'] })
    await using driver = await openDriver(server.url)
    await driver.bind(group, [topic])
    await server.restart()
    await publish(driver, message(1))
    const consumed = await consume(driver)
    await until('it comes', () => consumed.taken.length === 1)
    await consumed.close()
  })

  test('sessions that somebody has deleted are made again, and what no session took is offered again', async () => {
    await using server = await startServer('mqtt')
    await using driver = await openDriver(server.url)
    await driver.bind(group, [topic])
    await using other = await openDriver(server.url)
    await other.unbind(group, topic, [])
    const [failure, ...more] = await driver.publish([message(1)])
    assert.deepEqual([failure?.id, failure?.permanent, more.length], ['m-1', false, 0])
    await publish(driver, message(1))
    // Nobody is bound to it: that is as it should be.
    await publish(driver, message(2, { topic: 'shop.other' }))
    const consumed = await consume(driver)
    await until('it comes', () => consumed.taken.length === 1)
    assert.deepEqual(consumed.payloads(), ['1'])
    await consumed.close()
  })

  test('one that does not answer holds up no end', async () => {
    await using server = await startServer('mqtt')
    const driver = await openDriver(server.url)
    await driver.bind(group, [topic])
    const consumed = await consume(driver)
    await publish(driver, message(1))
    await until('it comes', () => consumed.taken.length === 1)
    server.pause()
    await consumed.close()
    await driver.close()
    await driver.close()
    server.resume()
  })

  test('what it drops of a full session shows in the health', async () => {
    await using server = await startServer('mqtt', { args: ['max_queued_messages 5', 'sys_interval 1'] })
    await using driver = await openDriver(server.url)
    await driver.bind(group, [topic])
    assert.deepEqual(await driver.health(), { status: 'up' })
    await driver.publish(Array.from({ length: 20 }, (_, n) => message(n)))
    await until('the health shows it', async () => (await driver.health()).status === 'degraded')
    assert.match((await driver.health()).detail!, /has dropped \d+ messages .* max_queued_messages/)
  })

  test('a message that is larger than it takes is refused for good, and 10 MiB otherwise arrive', async () => {
    await using server = await startServer('mqtt')
    await using driver = await openDriver(server.url)
    await driver.bind(group, [topic])
    const consumed = await consume(driver)
    const payload = JSON.stringify('€'.repeat(3_500_000))
    assert.deepEqual(await driver.publish([message(1, { payload })]), [])
    await until('it arrives', () => consumed.taken.length === 1)
    assert.ok(consumed.taken[0]!.message.payload === payload)
    await consumed.close()
    await using narrow = await startServer('mqtt', { args: ['max_packet_size 20000'] })
    await using other = await openDriver(narrow.url)
    const [failure, ...more] = await other.publish([message(1, { payload }), message(2)])
    assert.deepEqual([failure?.id, failure?.permanent, more.length], ['m-1', true, 0])
    assert.match(String(failure?.error), /the broker takes 20000/)
  })

  test('acknowledgements go out in order: those that are ahead wait for those before them', async () => {
    await using server = await startServer('mqtt')
    await using driver = await openDriver(server.url)
    await driver.bind(group, [topic])
    const first = await consume(driver)
    await publish(driver, message(1), message(2), message(3))
    await until('all are in hand', () => first.taken.length === 3)
    await first.taken[2]!.ack()
    await first.taken[1]!.ack()
    assert.deepEqual(await driver.backlog([group]), [{ group, waiting: 1, oldest: undefined }])
    await first.close()
    const second = await consume(driver)
    await until('all come again', () => second.taken.length === 3)
    assert.deepEqual(second.payloads(), ['1', '2', '3'])
    // Of a consumption that was closed: nothing happens.
    await first.taken[0]!.ack()
    for (const delivery of second.taken.toReversed()) await delivery.ack()
    await second.close()
    assert.equal(await driver.unbind(group, topic, []), 0)
  })

  test('slashes and wildcards in the name of a type are no topics of their own', async () => {
    await using server = await startServer('mqtt')
    await using driver = await openDriver(server.url)
    await driver.bind(group, ['a/+/b', '#'])
    const consumed = await consume(driver, ['a/+/b', '#'])
    await publish(driver, message(1, { topic: 'a/x/b' }), message(2, { topic: 'a/+/b' }), message(3))
    await publish(driver, message(4, { topic: '#' }))
    await until('the last one comes', () => consumed.payloads().includes('4'))
    assert.deepEqual(
      consumed.taken.map(({ message }) => message.topic),
      ['a/+/b', '#'],
    )
    await consumed.close()
  })

  test('a URL with a path, or a checkpoint that is neither, is refused', async () => {
    for (const [url, reason] of [
      ['mqtt://u:hunter2@h/sales', /takes no path/],
      ['mqtt://u:hunter2@h?checkpoint=yes', /checkpoint: 'yes' is neither true nor false/],
    ] as const) {
      await assert.rejects(openBroker(url), (error: unknown) => {
        assert.ok(InfrastructureError.is(error, 'invalid_argument'))
        assert.match(error.message, reason)
        return !error.message.includes('hunter2')
      })
    }
  })
})
