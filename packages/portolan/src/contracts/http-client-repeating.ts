import assert from 'node:assert/strict'
import type { ContractCase } from './contract.ts'
import { failure } from './failure.ts'
import { type Echo, fast, type HttpClientHarness } from './http-client-kit.ts'

/** What is sent again, and what is not. */
export const repeatingCases: readonly ContractCase<HttpClientHarness>[] = [
  {
    name: 'repeats safe requests until they succeed',
    async run({ open, server }) {
      const client = open({ retry: { attempts: 4, ...fast } })
      for (const how of ['503', '429', 'reset']) {
        await client.get(`/flaky/get-${how}`, { query: { times: 2, how } })
        assert.equal(server.count(`/flaky/get-${how}`), 3, how)
      }
    },
  },
  {
    name: 'repeats other requests with an idempotency key alone, and the same one',
    async run({ open, server }) {
      const client = open({ retry: { attempts: 3, ...fast } })
      const query = { times: 1, how: '503' }
      const error = await failure(client.post('/flaky/plain', { query, body: {} }))
      assert.equal(error.code, 'unavailable')
      assert.equal(error.retry, 'never')
      assert.equal(server.count('/flaky/plain'), 1)
      const { headers, body } = await client.post<Echo>('/flaky/keyed', {
        query,
        body: { a: 1 },
        idempotencyKey: 'k',
      })
      assert.equal(server.count('/flaky/keyed'), 2)
      assert.equal(headers['idempotency-key'], 'k')
      assert.equal(body, '{"a":1}')
    },
  },
  {
    name: 'gives up after its attempts, with the last failure',
    async run({ open, server }) {
      const error = await failure(open({ retry: { attempts: 3, ...fast } }).get('/status/503'))
      assert.equal(error.code, 'unavailable')
      assert.equal(error.retry, 'later')
      assert.equal(server.count('/status/503'), 3)
    },
  },
  {
    name: 'does not repeat what would fail again',
    async run({ open, server }) {
      for (const status of [400, 401, 404, 409, 501]) {
        await failure(open({ retry: { attempts: 3, ...fast } }).get(`/status/${status}`))
        assert.equal(server.count(`/status/${status}`), 1, String(status))
      }
    },
  },
  {
    name: 'does not wait for longer than the call may take, and hands on how long the server asked for',
    async run({ open, server }) {
      const client = open({ timeout: '5s', retry: { attempts: 3, ...fast } })
      const error = await failure(client.get('/status/429', { query: { 'retry-after': '30' } }))
      assert.equal(error.code, 'rate_limited')
      assert.equal(error.retry, 'later')
      assert.equal(error.retryAfterMs, 30_000)
      assert.equal(server.count('/status/429'), 1)
    },
  },
  {
    name: 'abandons an attempt that hangs for another one',
    async run({ open, server }) {
      const client = open({ timeout: '1m', retry: { attempts: 100, attemptTimeout: 100, ...fast } })
      await client.get('/flaky/hangs', { query: { times: 1, how: 'hang' } })
      assert.ok(server.count('/flaky/hangs') >= 2)
    },
  },
]
