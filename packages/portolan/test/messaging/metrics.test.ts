import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { systemClock } from 'portolan/runtime'
import { fact, messageType, until } from '../../src/contracts/messaging-support.ts'
import { openHarness } from './harness.ts'

const Placed = messageType('shop.order.placed', fact)

type Point = { value: unknown; attributes: Record<string, unknown> }

/** What is measured from now on, by its name, until it is disposed of. */
function collector() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] })
  metrics.setGlobalMeterProvider(provider)
  return {
    async read(): Promise<Map<string, Point[]>> {
      exporter.reset()
      await provider.forceFlush()
      const points = new Map<string, Point[]>()
      for (const { scopeMetrics } of exporter.getMetrics())
        for (const { metrics: told } of scopeMetrics)
          for (const { descriptor, dataPoints } of told) points.set(descriptor.name, dataPoints as never)
      return points
    },
    async [Symbol.asyncDispose]() {
      metrics.disable()
      await provider.shutdown()
    },
  }
}

test('what is sent, handled, tried again and given up is counted, and how long it waited is told', async () => {
  await using measured = collector()
  await using harness = await openHarness('apart')
  const { messaging } = await harness.join([Placed])
  const retry = { attempts: 2, from: '1ms' } as const
  messaging.subscribe(Placed, { group: 'billing', retry }, ({ data }) => {
    if (data.n === 0) throw new Error('no')
  })
  await messaging.start()
  for (const n of [0, 1, 2]) await messaging.publish(Placed, { n })
  await until('one is given up', async () => (await messaging.deadLetters.count()) === 1)
  await until('the others are handled', async () => (await messaging.status()).backlog === 0)
  await messaging.pause('billing')
  await until('it is paused', async () => (await messaging.health()).detail === "Paused: 'billing'.")
  const points = await measured.read()
  assert.equal(points.get('messaging.client.sent.messages')?.[0]?.value, 3)
  const consumed = points.get('messaging.client.consumed.messages') ?? []
  assert.deepEqual(consumed.map(({ value, attributes }) => [attributes['portolan.outcome'], value]).sort(), [
    ['dead', 1],
    ['handled', 2],
    ['retried', 1],
  ])
  assert.equal(consumed[0]!.attributes['messaging.consumer.group.name'], 'billing')
  const lag = points.get('portolan.messaging.lag')![0]!.value as { readonly count: number }
  assert.equal(lag.count, 3)
  assert.equal(points.get('portolan.messaging.outbox.messages')?.[0]?.value, 0)
  assert.equal(points.get('portolan.messaging.dead_letters')?.[0]?.value, 1)
  const [paused] = points.get('portolan.messaging.group.paused') ?? []
  assert.deepEqual([paused?.attributes['messaging.consumer.group.name'], paused?.value], ['billing', 1])
})

for (const place of ['joined', 'apart'] as const) {
  test(`what waits is told, with the age of the oldest, in the outbox and for each group (broker ${place})`, async () => {
    await using measured = collector()
    let away = false
    await using harness = await openHarness(place, {
      wrap: driver => {
        const publish = driver.publish.bind(driver)
        const backlog = driver.backlog.bind(driver)
        driver.publish = messages => (away ? Promise.reject(new Error('away')) : publish(messages))
        driver.backlog = groups => (away ? Promise.reject(new Error('away')) : backlog(groups))
        return driver
      },
    })
    const { messaging } = await harness.join([Placed])
    messaging.subscribe(Placed, { group: 'billing' }, () => {})
    await messaging.start()
    const told = async (what: string) => {
      const points = await measured.read()
      return ['messages', 'oldest_age'].map(name =>
        Number(points.get(`portolan.messaging.${what}.${name}`)?.[0]?.value),
      )
    }
    assert.deepEqual(await told('group'), [0, 0])
    assert.deepEqual(await told('outbox'), [0, 0])
    await messaging.pause('billing')
    await until('it is paused', async () => (await messaging.health()).detail === "Paused: 'billing'.")
    await messaging.publish(Placed, { n: 1 })
    await messaging.publish(Placed, { n: 2 })
    await until('they are with the broker', async () => (await messaging.status()).outbox === 0)
    await systemClock.sleep(5)
    const [waiting, age] = await told('group')
    assert.equal(waiting, 2)
    assert.ok(age! > 0 && age! < 60, `${age} s`)
    if (place === 'joined') return
    away = true
    await messaging.publish(Placed, { n: 3 })
    await systemClock.sleep(5)
    const [kept, since] = await told('outbox')
    assert.equal(kept, 1)
    assert.ok(since! > 0 && since! < 60, `${since} s`)
    const message = /^The broker \(\w+\) does not tell what waits: away\.$/
    await assert.rejects(messaging.status(), { code: 'unavailable', retry: 'later', message })
    assert.equal((await messaging.health()).status, 'degraded')
    away = false
  })
}

test('health says when a group has not come to its messages for too long', async () => {
  await using harness = await openHarness('joined')
  const { messaging } = await harness.join([Placed], { lagLimit: 50 })
  const held = Promise.withResolvers<void>()
  messaging.subscribe(Placed, { group: 'billing' }, () => held.promise)
  await messaging.start()
  assert.equal((await messaging.health()).status, 'up')
  await messaging.publish(Placed, { n: 1 })
  await until('it is late', async () => (await messaging.health()).status === 'degraded')
  assert.match((await messaging.health()).detail!, /Group 'billing' has messages waiting since \d{4}-/)
  held.resolve()
  await until('it is well again', async () => (await messaging.health()).status === 'up')
})
