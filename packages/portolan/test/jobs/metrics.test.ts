import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { jobType, until } from '../../src/contracts/jobs-kit.ts'
import { sqliteHarness } from './harness.ts'

type Point = { value: unknown; attributes: Record<string, unknown> }

test('what is enqueued, done, tried again and given up is counted, and how long it took is told', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] })
  metrics.setGlobalMeterProvider(provider)
  try {
    await using harness = await sqliteHarness()
    const jobs = harness.open()
    const type = jobType({ attempts: 2 })
    jobs.work(type, {}, ({ n }) => {
      if (n === 0) throw new Error('no')
    })
    await jobs.start()
    for (const n of [0, 1, 2]) await jobs.enqueue(type, { n }, { unique: 'k'.repeat(n + 1) })
    await jobs.enqueue(type, { n: 3 }, { unique: 'later', delay: '1h' })
    assert.equal(await jobs.enqueue(type, { n: 4 }, { unique: 'later' }), undefined)
    await until('one is dead', async () => (await jobs.deadLetters.count()) === 1)
    await until('the others are done', async () => (await jobs.list()).length === 1)
    await provider.forceFlush()

    const points = new Map<string, Point[]>()
    for (const { scopeMetrics } of exporter.getMetrics())
      for (const { scope, metrics: told } of scopeMetrics)
        if (scope.name === 'portolan/jobs')
          for (const { descriptor, dataPoints } of told) points.set(descriptor.name, dataPoints as never)
    assert.equal(points.get('messaging.client.sent.messages')?.[0]?.value, 4, 'one was there already')
    const consumed = points.get('messaging.client.consumed.messages') ?? []
    assert.deepEqual(
      consumed.map(({ value, attributes }) => [attributes['portolan.outcome'], value]).sort(),
      [
        ['dead', 1],
        ['done', 2],
        ['retried', 1],
      ],
    )
    assert.equal(consumed[0]!.attributes['messaging.destination.name'], type.name)
    assert.equal(points.get('messaging.process.duration')?.length, 3)
    const gauges = (points.get('portolan.jobs.jobs') ?? []).map(({ value, attributes }) => [
      attributes['portolan.state'],
      value,
    ])
    assert.deepEqual(Object.fromEntries(gauges), {
      waiting: 0,
      running: 0,
      scheduled: 1,
      retrying: 0,
      parked: 0,
      dead: 1,
    })
  } finally {
    metrics.disable()
    await provider.shutdown()
  }
})

test('health says when jobs have been due for too long, unless they are paused', async () => {
  await using harness = await sqliteHarness()
  const jobs = harness.open({ lagLimit: 20, poll: 10 })
  const held = Promise.withResolvers<void>()
  const type = jobType()
  jobs.work(type, { concurrency: 1 }, () => held.promise)
  await jobs.start()
  assert.equal((await jobs.health()).status, 'up')
  for (const n of [1, 2]) await jobs.enqueue(type, { n })
  await until('it is late', async () => (await jobs.health()).status === 'degraded')
  assert.match((await jobs.health()).detail!, /Jobs of type 'contract' have been due for \d+ s/)
  await jobs.pause(type.name)
  await until('what is paused is not late', async () => (await jobs.health()).status === 'up')
  await jobs.resume(type.name)
  held.resolve()
  await until('it is well again', async () => (await jobs.list()).length === 0)
  assert.equal((await jobs.health()).status, 'up')
})
