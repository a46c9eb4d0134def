import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { openDatabase } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'

test('a pool tells how many connections it has, how long one waits for them, and who waited in vain', {
  skip: await skipWithout('postgres'),
}, async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] })
  metrics.setGlobalMeterProvider(provider)
  try {
    await using fresh = await freshDatabase('postgres')
    await using database = await openDatabase(`${fresh.url}?pool_max=1&acquire_timeout=50ms`)
    await database
      .run(async () => {
        await database.query('SELECT 1')
        await assert.rejects(database.run(() => database.query('SELECT 2'), { propagation: 'requires_new' }))
        await provider.forceFlush()
      })
      .catch(() => {})
    const points = new Map<string, { value: unknown; attributes: Record<string, unknown> }[]>()
    for (const { scopeMetrics } of exporter.getMetrics()) {
      for (const { metrics: told } of scopeMetrics) {
        for (const { descriptor, dataPoints } of told) {
          points.set(descriptor.name, dataPoints as never)
        }
      }
    }
    const counts = points.get('db.client.connection.count') ?? []
    const used = counts.find(({ attributes }) => attributes['db.client.connection.state'] === 'used')
    assert.equal(used?.value, 1)
    assert.equal(points.get('db.client.connection.max')?.[0]?.value, 1)
    assert.equal(points.get('db.client.connection.timeouts')?.[0]?.value, 1)
    const name = String(used?.attributes['db.client.connection.pool.name'])
    assert.ok(name.startsWith('postgres 127.0.0.1:') && name.endsWith(fresh.name), name)
    for (const histogram of ['create_time', 'wait_time']) {
      assert.ok(points.has(`db.client.connection.${histogram}`), histogram)
    }
  } finally {
    metrics.disable()
    await provider.shutdown()
  }
})
