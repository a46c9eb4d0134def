import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { bearer, httpClient } from '../../src/network/index.ts'
import { spanRecorder } from '../support/spans.ts'
import { openFixture } from './fixture.ts'

const { exporter, start, stop } = spanRecorder({
  inject: (current, carrier, setter) =>
    setter.set(carrier, 'traceparent', trace.getSpanContext(current)!.spanId),
  extract: current => current,
  fields: () => ['traceparent'],
})

describe('telemetry of HTTP calls', () => {
  before(start)
  after(stop)
  beforeEach(() => exporter.reset())

  test('is a client span an attempt, whose context the server receives, without secrets', async () => {
    await using server = await openFixture()
    await using client = httpClient({
      baseUrl: server.baseUrl,
      auth: bearer('canary-token'),
      retry: { attempts: 2, from: 1 },
    })
    const { headers } = await client.get<{ headers: Record<string, string> }>('/flaky/traced', {
      query: { times: 1, how: '503', key: 'canary-query' },
    })
    const [failed, succeeded] = exporter.getFinishedSpans()
    assert.equal(failed!.name, 'GET')
    assert.equal(failed!.attributes['http.response.status_code'], 503)
    assert.equal(failed!.status.code, SpanStatusCode.ERROR)
    assert.equal(succeeded!.attributes['http.response.status_code'], 200)
    assert.equal(succeeded!.attributes['server.address'], 'localhost')
    assert.equal(headers.traceparent, succeeded!.spanContext().spanId)
    assert.ok(!JSON.stringify([failed!.attributes, succeeded!.attributes]).includes('canary'))
  })

  test('names the error of a request without an answer', async () => {
    await using server = await openFixture()
    await using client = httpClient({ baseUrl: server.nowhere, retry: { attempts: 1 } })
    await assert.rejects(client.get('/'))
    assert.equal(exporter.getFinishedSpans()[0]!.attributes['error.type'], 'unavailable')
  })
})
