import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBroker } from 'portolan/messaging'
import { engineUrl, skipWithout, startProxy } from 'portolan-engines'

/** What is amqplib's own: it never answers who closes a channel whose connection is lost meanwhile. */

const group = `billing-${randomUUID().slice(0, 8)}`
const topic = `shop.order.placed.${randomUUID()}`

describe('RabbitMQ', { skip: await skipWithout('rabbitmq') }, () => {
  test('a consumption, and the broker, close also when the connection is lost while they do', async () => {
    const direct = new URL(await engineUrl('rabbitmq'))
    await using proxy = await startProxy({ host: direct.hostname, port: Number(direct.port || 5672) })
    const url = new URL(direct)
    url.port = String(proxy.port)
    const driver = await openBroker(`${url}?prefix=portolan-test&partitions=1`)
    await driver.open()
    try {
      await driver.bind(group, [topic])
      const consumption = await driver.consume({
        ...{ group, topics: [topic], partition: 0, owns: () => true, prefetch: 10 },
        deliver() {},
        tookOver() {},
      })
      proxy.freeze()
      const closing = consumption.close()
      await sleep(50)
      proxy.cut()
      await closing
      proxy.thaw()
    } finally {
      proxy.freeze()
      const closing = driver.close()
      await sleep(50)
      proxy.cut()
      await closing
      const again = await openBroker(`${direct}?prefix=portolan-test&partitions=1`)
      await again.open()
      await again.unbind(group, topic, [])
      await again.close()
    }
  })
})
