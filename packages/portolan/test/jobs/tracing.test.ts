import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { tracer, withSpan } from 'portolan/runtime'
import { spanRecorder } from '../support/spans.ts'
import { WriteEffect } from './fixtures/job.ts'
import { sqliteHarness } from './harness.ts'

const { exporter, start, stop } = spanRecorder()
before(start)
after(stop)

test('a job continues the trace in which it was enqueued, through each attempt', async () => {
  await using harness = await sqliteHarness()
  const jobs = harness.open()
  const inHandler: (string | undefined)[] = []
  jobs.work(WriteEffect, {}, (_, { attempt }) => {
    inHandler.push(trace.getActiveSpan()?.spanContext().spanId)
    if (attempt === 1) throw new Error('a secret')
  })
  await jobs.start()
  await withSpan(tracer('test'), 'request', {}, () => jobs.enqueue(WriteEffect, { n: 1 }))
  await jobs.enqueue(WriteEffect, { n: 2 })
  while ((await jobs.list()).length > 0) await new Promise(resolve => setTimeout(resolve, 5))

  const finished = exporter.getFinishedSpans()
  const request = finished.find(({ name }) => name === 'request')!.spanContext()
  const processed = finished.filter(({ name }) => name === 'process write-effect')
  const [first, second, ...others] = processed.filter(span => span.spanContext().traceId === request.traceId)
  assert.deepEqual(others, [])
  assert.equal(first?.parentSpanContext?.spanId, request.spanId)
  assert.equal(second?.parentSpanContext?.spanId, request.spanId)
  assert.equal(first?.kind, SpanKind.CONSUMER)
  assert.deepEqual([first?.status.code, second?.status.code], [SpanStatusCode.ERROR, SpanStatusCode.UNSET])
  assert.ok(!JSON.stringify(first?.status).includes('secret'))
  assert.equal(second?.attributes['messaging.destination.name'], 'write-effect')
  assert.equal(second?.attributes['portolan.job.attempt'], 2)
  const unrelated = processed.filter(span => span.spanContext().traceId !== request.traceId)
  assert.ok(unrelated.length === 2 && unrelated.every(span => span.parentSpanContext === undefined))
  assert.deepEqual(new Set(inHandler), new Set(processed.map(span => span.spanContext().spanId)))
})
