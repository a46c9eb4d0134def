import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLimits, memoryLimits } from 'portolan/limits'
import { createRest, text } from 'portolan/rest'
import { failure } from '../../src/contracts/failure.ts'
import { httpClient, type Transport } from '../../src/network/index.ts'
import { pauseMs } from '../../src/network/rate-limit-fields.ts'
import type { HttpResponse } from '../../src/ports/http-client.ts'
import { sleepless } from './sleepless.ts'

function answering(...answers: readonly Partial<HttpResponse>[]): Transport & { sent: number } {
  return {
    name: 'scripted',
    sent: 0,
    async send() {
      const answer = answers[Math.min(this.sent++, answers.length - 1)]!
      return { status: 204, headers: {}, body: new Uint8Array(0), ...answer }
    },
    async close() {},
  }
}

const baseUrl = 'http://api.example'

test('the client keeps within its own quota: it waits while the time of the call allows it, and else sends nothing', async () => {
  const clock = sleepless()
  const limits = createLimits({ driver: memoryLimits({ clock }), clock })
  const limiter = limits.limiter('api', { limit: 2, per: '2s' })
  const transport = answering({})
  const client = httpClient({ baseUrl, transport, clock, retry: { attempts: 1 }, rateLimit: { limiter } })
  for (let call = 0; call < 4; call++) await client.get('/a')
  assert.equal(transport.sent, 4)
  assert.deepEqual(clock.slept, [1_000, 1_000])
  const error = await failure(client.get('/a', { timeout: '500ms' }))
  assert.deepEqual([error.code, error.retry, error.details.outcome], ['rate_limited', 'later', 'not_sent'])
  assert.equal(error.retryAfterMs, 1_000)
  assert.equal(transport.sent, 4)
})

test('when the server says that nothing is left, every request pauses', async () => {
  const clock = sleepless()
  const transport = answering({ headers: { ratelimit: '"day";r=9;t=60, "burst";r=0;t=3' } }, {})
  const client = httpClient({ baseUrl, transport, clock, rateLimit: {} })
  await client.get('/a')
  await client.post('/b', { body: 1 })
  assert.deepEqual(clock.slept, [3_000])
})

test('a 429 is sent again when Retry-After is over, and others wait with it', async () => {
  const clock = sleepless()
  const transport = answering({ status: 429, headers: { 'retry-after': '2', ratelimit: '"a";r=0;t=1' } }, {})
  const client = httpClient({ baseUrl, transport, clock, rateLimit: {} })
  await client.get('/a')
  assert.equal(transport.sent, 2)
  assert.deepEqual(clock.slept, [2_000])
})

test('fields that say nothing, or nothing that is understood, hold nobody up', () => {
  const of = (ratelimit: string, status = 200) =>
    pauseMs({ status, headers: { ratelimit }, body: new Uint8Array() }, 0)
  assert.equal(of('"a";r=0;t=5'), 5_000)
  assert.equal(of('"a"; t=5; r=0; pk=:abc=:'), 5_000)
  assert.equal(of('"a";r=0;t=5, "b, \\";r=0;t=90";r=3;t=7'), 5_000)
  for (const nothing of [
    '',
    '"a"',
    '"a";r=1;t=5',
    '"a";r=0',
    '"a";r=x;t=5',
    '100, 100;w=60',
    'r=0;t=5',
    '"a";r=0.5;t=5',
  ])
    assert.equal(of(nothing), undefined, nothing)
})

test('client and server of the library understand each other', async () => {
  const clock = sleepless()
  const limiter = createLimits({ driver: memoryLimits() }).limiter('api', { limit: 1, per: '1h' })
  const rest = createRest({ title: 'Test', version: '1', port: 0, limit: { limiter } })
  rest.raw({ method: 'POST', path: '/a', handler: () => text('taken') })
  await rest.start()
  await using _rest = rest
  await using client = httpClient({ baseUrl: rest.url, clock, rateLimit: {}, timeout: '1m' })
  await client.send('POST', '/a')
  const error = await failure(client.send('POST', '/a'))
  assert.deepEqual([error.code, error.details.outcome], ['rate_limited', 'not_sent'])
  assert.ok(error.retryAfterMs! > 3_000_000 && error.retryAfterMs! <= 3_600_000)
})
