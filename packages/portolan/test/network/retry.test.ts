import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { httpClient, type RetryOptions, type Transport } from '../../src/network/index.ts'
import { retryAfterMs } from '../../src/network/retry-after.ts'
import { retryBudget } from '../../src/network/retry-budget.ts'
import { InfrastructureError } from '../../src/ports/errors.ts'
import type { HttpResponse } from '../../src/ports/http-client.ts'
import type { Clock } from '../../src/ports/time.ts'
import { sleepless } from './sleepless.ts'

/** Answers with each of `statuses` in turn, the last one for ever. */
function answering(
  statuses: readonly number[],
  headers: Record<string, string> = {},
): Transport & { sent: number } {
  return {
    name: 'scripted',
    sent: 0,
    async send(): Promise<HttpResponse> {
      const status = statuses[Math.min(this.sent, statuses.length - 1)]!
      this.sent += 1
      return { status, headers, body: new Uint8Array(0) }
    },
    close: async () => {},
  }
}

function clientOf(transport: Transport, clock: Clock, retry: RetryOptions, next = 0.5) {
  const random = { next: () => next, bytes: (length: number) => new Uint8Array(length) }
  return httpClient({ baseUrl: 'http://localhost', transport, clock, random, retry, timeout: '1h' })
}

describe('retries', () => {
  test('wait exponentially longer, a random part of it, up to a limit', async () => {
    const clock = sleepless()
    const options = { attempts: 7, from: '100ms', to: '1s' } as const
    await assert.rejects(clientOf(answering([503]), clock, options).get('/'))
    assert.deepEqual(clock.slept, [50, 100, 200, 400, 500, 500])
  })

  test('wait no less than Retry-After says, in seconds or as a date', async () => {
    for (const value of ['7', 'Fri, 01 May 2026 00:00:07 GMT']) {
      const clock = sleepless()
      const transport = answering([429, 200], { 'retry-after': value })
      await clientOf(transport, clock, { attempts: 2, from: 1 }).get('/')
      assert.deepEqual(clock.slept, [7_000])
    }
  })

  test('end with the budget of the client: a service that is down is soon asked once a call', async () => {
    const clock = sleepless()
    const transport = answering([503])
    const client = clientOf(transport, clock, { attempts: 3, from: 1 })
    for (let call = 0; call < 200; call++) await assert.rejects(client.get('/'))
    assert.equal(transport.sent, 200 + 500 / 5)
  })

  test('are written to the log, without secrets', async () => {
    const lines: string[] = []
    const logger = {
      ...console,
      warn: (message: string, fields?: object) => lines.push(message + JSON.stringify(fields)),
      child: () => assert.fail(),
    }
    const client = httpClient({
      baseUrl: 'http://localhost',
      transport: answering([503, 200]),
      clock: sleepless(),
      logger,
    })
    await client.get('/orders', { query: { key: 'canary' } })
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /"url":"http:\/\/localhost\/orders\?key=…".*"attempt":2.*"status":503/)
  })

  test('refuse a count that is none', () => {
    for (const attempts of [0, 1.5, Number.NaN])
      assert.throws(
        () => httpClient({ baseUrl: 'http://localhost', retry: { attempts } }),
        error => InfrastructureError.is(error, 'invalid_argument'),
      )
  })
})

describe('the retry budget', () => {
  test('holds 500 tokens; a retry costs 5, one after a timeout 10, and a success gives 1', () => {
    const budget = retryBudget()
    budget.succeeded()
    assert.equal(budget.tokens, 500)
    assert.ok(budget.take('retry'))
    assert.ok(budget.take('timeout'))
    budget.succeeded()
    assert.equal(budget.tokens, 486)
    while (budget.take('timeout'));
    assert.equal(budget.tokens, 6)
    assert.ok(budget.take('retry'))
    assert.ok(!budget.take('retry'))
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-05-01T00:00:00Z')
  const cases: readonly [string | undefined, number | undefined][] = [
    ['0', 0],
    ['120', 120_000],
    ['Fri, 01 May 2026 00:01:00 GMT', 60_000],
    ['Thu, 30 Apr 2026 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    [undefined, undefined],
  ]
  for (const [value, expected] of cases)
    test(`'${value}' is ${expected}`, () => assert.equal(retryAfterMs(value, now), expected))
})
