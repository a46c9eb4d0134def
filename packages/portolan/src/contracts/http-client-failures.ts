import assert from 'node:assert/strict'
import type { OwnedHttpClient } from '../network/http-client.ts'
import type { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'
import { failure } from './failure.ts'
import { fast, type HttpClientHarness, picks, token } from './http-client-kit.ts'

const canary = 'canary-9f31c7'

/** What goes wrong, and what is told of it. */
export const failureCases: readonly ContractCase<HttpClientHarness>[] = [
  {
    name: 'checks answers with the schema, and says what is wrong with them',
    async run({ open }) {
      const client = open()
      assert.deepEqual(await client.get('/echo', { schema: picks('method') }), { method: 'GET' })
      const error = await failure(client.get('/echo', { schema: picks('colour') }))
      assert.equal(error.code, 'internal')
      assert.deepEqual(error.details.issues, [{ path: 'colour', message: 'is missing' }])
      assert.equal((await failure(client.get('/text'))).code, 'internal')
    },
  },
  {
    name: 'gives each status its code, and shows problem details',
    async run({ open }) {
      const client = open({ retry: { attempts: 1 } })
      const expected = {
        400: 'invalid_argument',
        401: 'unauthenticated',
        403: 'permission_denied',
        404: 'not_found',
        409: 'conflict',
        412: 'precondition_failed',
        429: 'rate_limited',
        500: 'unavailable',
        501: 'unsupported',
        503: 'unavailable',
      }
      for (const [status, code] of Object.entries(expected)) {
        const error = await failure(client.get(`/status/${status}`))
        assert.equal(error.code, code, status)
        assert.equal(error.details.status, Number(status))
      }
      const error = await failure(client.post('/problem', { body: {} }))
      assert.match(error.message, /422: Mugs are sold out/)
      assert.equal((error.details.problem as { sku: string }).sku, 'MUG')
    },
  },
  {
    name: 'gives up at its deadline, with the phase',
    async run({ open }) {
      // How far a request gets within a time is the machine's affair: more time, until it got far enough.
      const stoppedIn = async (phase: string, call: (client: OwnedHttpClient) => Promise<unknown>) => {
        let error: InfrastructureError | undefined
        for (const timeout of [50, 200, 800, 3_200, 12_800]) {
          error = await failure(call(open({ timeout, retry: { attempts: 1 } })))
          assert.equal(error.code, 'deadline_exceeded')
          if (error.details.phase === phase) return error
        }
        assert.fail(`It was stopped in ${String(error!.details.phase)}, not in ${phase}.`)
      }
      const waiting = await stoppedIn('response', client => client.get('/hang'))
      assert.equal(waiting.retry, 'later')
      const unsafe = await stoppedIn('response', client => client.post('/hang', { body: {} }))
      assert.equal(unsafe.retry, 'never')
      assert.equal(unsafe.details.outcome, 'unknown')
      await stoppedIn('body', client => client.get('/hang-body'))
    },
  },
  {
    name: 'stops when the caller does: before, during, and between attempts',
    async run({ open, server }) {
      const client = open({ retry: { attempts: 5, from: '10m', to: '10m' }, timeout: '1h' })
      assert.equal((await failure(client.get('/echo', { signal: AbortSignal.abort() }))).code, 'cancelled')
      assert.equal(server.count('/echo'), 0)
      for (const path of ['/hang', '/hang-body', '/status/503']) {
        const caller = new AbortController()
        const call = failure(client.get(path, { signal: caller.signal }))
        while (server.count(path) === 0) await systemClock.sleep(1)
        await systemClock.sleep(20)
        caller.abort()
        assert.equal((await call).code, 'cancelled', path)
        assert.equal(server.count(path), 1)
      }
    },
  },
  {
    name: 'says that nothing was sent when there is no connection',
    async run({ open, server }) {
      const client = open({ baseUrl: server.nowhere, retry: { attempts: 1 } })
      const error = await failure(client.post('/echo', { body: {} }))
      assert.equal(error.code, 'unavailable')
      assert.equal(error.details.outcome, 'not_sent')
      assert.equal(error.retry, 'later')
    },
  },
  {
    name: 'says that it cannot know when the connection is lost on the way',
    async run({ open, server }) {
      const client = open({ retry: { attempts: 3, ...fast } })
      for (const path of ['/reset', '/reset-body']) {
        const error = await failure(client.post(path, { body: {} }))
        assert.equal(error.code, 'unavailable')
        assert.equal(error.details.outcome, 'unknown')
        assert.equal(error.retry, 'never')
        assert.equal(server.count(path), 1)
      }
    },
  },
  {
    name: 'takes no more than it accepts, with and without a length',
    async run({ open }) {
      const client = open({ maxResponseBytes: 1_000 })
      assert.equal((await client.get<string>('/bytes/1000')).length, 998)
      assert.equal((await client.get<string>('/stream/1000')).length, 998)
      for (const path of ['/bytes/1001', '/stream/1001', '/stream/5000000'])
        assert.equal((await failure(client.get(path))).code, 'resource_exhausted', path)
    },
  },
  {
    name: 'does not follow redirects, and names the target',
    async run({ open, server }) {
      const error = await failure(open({ auth: token(canary) }).get('/status/302'))
      assert.equal(error.code, 'unsupported')
      assert.match(error.message, /redirect/)
      assert.equal(server.count('/status/302'), 1)
    },
  },
  {
    name: 'shows no secret in an error',
    async run({ open, server }) {
      const auth = token(canary)
      const headers = { 'X-Api-Key': `${canary}-key` }
      const query = { access_token: `${canary}-query` }
      const call = { headers, query, body: { password: `${canary}-body` } }
      const errors = [
        await failure(open({ auth }).post('/leak', call)),
        await failure(open({ auth }).post('/reset', call)),
        await failure(open({ auth, timeout: 30 }).post('/hang', call)),
        await failure(open({ auth, baseUrl: server.nowhere }).post('/echo', call)),
        await failure(open({ auth }).get('/text', call)),
        await failure(open({ auth }).get('/echo', { ...call, schema: picks('colour') })),
      ]
      for (const error of errors) {
        const shown = [error.message, error.stack, JSON.stringify(error.details), String(error.cause)].join(
          '\n',
        )
        assert.ok(!shown.includes(canary), shown)
      }
      assert.match(errors[0]!.message, /access_token=…/)
    },
  },
  {
    name: 'wraps what an interceptor throws',
    async run({ open }) {
      const cause = new TypeError('of an interceptor')
      const error = await failure(open({ interceptors: [() => Promise.reject(cause)] }).get('/echo'))
      assert.equal(error.code, 'internal')
      assert.equal(error.cause, cause)
    },
  },
]
