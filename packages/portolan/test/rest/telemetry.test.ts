import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SpanKind, trace } from '@opentelemetry/api'
import { InfrastructureError } from 'portolan'
import { text } from 'portolan/rest'
import { spanRecorder } from '../support/spans.ts'
import { serve } from './harness.ts'

const { exporter, start, stop } = spanRecorder()
before(start)
after(stop)

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
