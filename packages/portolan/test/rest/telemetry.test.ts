import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { context, propagation, SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { InfrastructureError } from 'portolan'
import { text } from 'portolan/rest'
import { serve } from './harness.ts'

const exporter = new InMemorySpanExporter()

before(() => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
})
after(() => {
  trace.disable()
  context.disable()
  propagation.disable()
})

test('a request is a server span by route, continuing the caller’s trace, active in the handler; never with the query', async () => {
  let active: string | undefined
  await using app = await serve(rest => {
    rest.raw({
      method: 'POST',
      path: '/hooks/:shop',
      handler: async ({ rawBody }) => {
        await Promise.resolve()
        active = trace.getActiveSpan()?.spanContext().traceId
        return text(String(rawBody.length))
      },
    })
    rest.raw({
      method: 'GET',
      path: '/fail',
      handler: () => {
        throw new InfrastructureError('unavailable', 'canary')
      },
    })
  })
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  await (await app.fetch('/hooks/north?token=canary', { method: 'POST', body: 'abc', headers })).text()
  await (await app.fetch('/fail')).text()
  await app.rest.stop()
  const [hook, failed] = exporter.getFinishedSpans()
  assert.equal(active, traceId)
  assert.equal(hook?.name, 'POST /hooks/:shop')
  assert.equal(hook?.kind, SpanKind.SERVER)
  assert.equal(hook?.parentSpanContext?.spanId, 'b7ad6b7169203331')
  assert.equal(hook?.attributes['http.request.method'], 'POST')
  assert.equal(hook?.attributes['http.route'], '/hooks/:shop')
  assert.equal(hook?.attributes['http.response.status_code'], 200)
  assert.equal(hook?.attributes['url.path'], '/hooks/north')
  assert.equal(failed?.attributes['error.type'], '503')
  assert.doesNotMatch(JSON.stringify([hook?.attributes, failed?.attributes, failed?.events]), /canary/)
  const access = app.lines.filter(({ message, level }) => message === 'request' && level === 'debug')
  assert.deepEqual(
    access.map(({ fields }) => [fields?.method, fields?.path, fields?.status]),
    [
      ['POST', '/hooks/north', 200],
      ['GET', '/fail', 503],
    ],
  )
  assert.doesNotMatch(JSON.stringify(access), /canary/)
})
