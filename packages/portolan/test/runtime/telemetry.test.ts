import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { InfrastructureError } from 'portolan'
import { traceHeaders, tracer, withSpan } from 'portolan/runtime'
import { spanRecorder } from '../support/spans.ts'

// Made before there is an SDK, as a capability does.
const spans = tracer('files')
const { exporter, start, stop } = spanRecorder()
after(stop)

test('without an SDK, work runs, its errors pass, and there are no headers', async () => {
  assert.equal(await withSpan(spans, 'x', {}, () => 5), 5)
  await assert.rejects(
    withSpan(spans, 'x', {}, () => Promise.reject(new Error('native'))),
    { message: 'native' },
  )
  assert.equal(await withSpan(spans, 'x', {}, () => traceHeaders()), undefined)
})

test('with an SDK, spans nest, end, and tell their failure without quoting foreign errors', async () => {
  start()
  await withSpan(spans, 'outer', { kind: 'client', attributes: { 'file.path': 'a' } }, () =>
    assert.rejects(
      withSpan(spans, 'inner', {}, () => {
        throw new InfrastructureError('not_found', 'There is no such file.')
      }),
    ),
  )
  await assert.rejects(withSpan(spans, 'foreign', {}, () => Promise.reject(new TypeError('secret'))))
  const [inner, outer, foreign] = exporter.getFinishedSpans()
  assert.equal(inner?.parentSpanContext?.spanId, outer?.spanContext().spanId)
  assert.deepEqual(inner?.status, { code: SpanStatusCode.ERROR, message: 'There is no such file.' })
  assert.equal(inner?.attributes['error.type'], 'not_found')
  assert.equal(outer?.kind, SpanKind.CLIENT)
  assert.equal(outer?.attributes['file.path'], 'a')
  assert.deepEqual(foreign?.status, { code: SpanStatusCode.ERROR })
  assert.equal(foreign?.attributes['error.type'], 'TypeError')
})

test('the headers of a trace continue it elsewhere', async () => {
  exporter.reset()
  const headers = await withSpan(spans, 'publish', { kind: 'producer' }, () => traceHeaders())
  assert.match(headers?.traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  await withSpan(spans, 'process', { kind: 'consumer', parent: headers }, () => {})
  const [publish, process] = exporter.getFinishedSpans()
  assert.equal(process?.spanContext().traceId, publish?.spanContext().traceId)
  assert.equal(process?.parentSpanContext?.spanId, publish?.spanContext().spanId)
})
