import assert from 'node:assert/strict'
import type { ContractCase } from './contract.ts'
import { failure } from './failure.ts'
import { type Echo, fast, type HttpClientHarness, token } from './http-client-kit.ts'

const canary = 'canary-9f31c7'

/** What is sent, and what comes back. */
export const requestCases: readonly ContractCase<HttpClientHarness>[] = [
  {
    name: 'sends JSON, text and bytes, and decodes JSON',
    async run({ open }) {
      const client = open()
      const json = await client.post<Echo>('/echo', { body: { name: 'Zoë' } })
      assert.equal(json.method, 'POST')
      assert.equal(json.body, '{"name":"Zoë"}')
      assert.equal(json.headers['content-type'], 'application/json')
      const text = await client.put<Echo>('/echo', { body: 'plain' })
      assert.equal(text.body, 'plain')
      assert.match(text.headers['content-type']!, /^text\/plain/)
      const bytes = await client.patch<Echo>('/echo', { body: new TextEncoder().encode('bytes') })
      assert.equal(bytes.body, 'bytes')
      assert.equal((await client.delete<Echo>('/echo')).method, 'DELETE')
    },
  },
  {
    name: 'appends paths and queries, and escapes them',
    async run({ open }) {
      const echo = await open().get<Echo>('echo', {
        query: { q: 'a&b=ü', page: 2, all: true, none: undefined },
      })
      assert.equal(echo.path, '/echo')
      assert.deepEqual(echo.query, { q: 'a&b=ü', page: '2', all: 'true' })
    },
  },
  {
    name: 'refuses a path that leads elsewhere',
    async run({ open, server }) {
      const client = open({ baseUrl: `${server.baseUrl}/v1` })
      for (const path of ['/../echo', '..', '/%2e%2e/echo', '/echo#part', '../v10/echo'])
        assert.equal((await failure(client.get(path))).code, 'invalid_argument', path)
      assert.equal(server.count('/echo'), 0)
    },
  },
  {
    name: 'sends its credential, its version, the idempotency key and headers of the call',
    async run({ open }) {
      const client = open({
        auth: token('s3cret-token'),
        version: { name: 'api-version', value: () => '2026-05', secret: false },
      })
      const { headers } = await client.post<Echo>('/echo', {
        headers: { 'X-Trace': 't' },
        idempotencyKey: 'k-1',
      })
      assert.equal(headers.authorization, 'Bearer s3cret-token')
      assert.equal(headers['api-version'], '2026-05')
      assert.equal(headers['idempotency-key'], 'k-1')
      assert.equal(headers['x-trace'], 't')
    },
  },
  {
    name: 'refuses headers that would break the request apart',
    async run({ open, server }) {
      const wrong = { 'x-name': 'a\r\nx-evil: 1' }
      assert.equal((await failure(open().get('/echo', { headers: wrong }))).code, 'invalid_argument')
      assert.equal(server.count('/echo'), 0)
    },
  },
  {
    name: 'returns nothing for an empty answer, and any answer from send',
    async run({ open }) {
      const client = open()
      assert.equal(await client.delete('/empty'), undefined)
      const teapot = await client.send('GET', '/status/418')
      assert.equal(teapot.status, 418)
      assert.match(teapot.headers['content-type']!, /json/)
    },
  },
  {
    name: 'joins a large answer from its pieces',
    async run({ open }) {
      const text = await open().get<string>('/stream/3000000')
      assert.equal(text, 'x'.repeat(2_999_998))
    },
  },
  {
    name: 'passes requests through interceptors, the first outermost, at every attempt',
    async run({ open }) {
      const seen: string[] = []
      const client = open({
        auth: token('token-of-the-client'),
        retry: { attempts: 2, ...fast },
        interceptors: [
          async (request, next) => {
            seen.push(`out ${request.headers.authorization ?? 'without credential'}`)
            const response = await next({ ...request, headers: { ...request.headers, 'x-ring': 'one' } })
            seen.push(`back ${response.status}`)
            return response
          },
          (request, next) => {
            seen.push(`in ${request.headers['x-ring']}`)
            return next(request)
          },
        ],
      })
      const { headers } = await client.get<Echo>('/flaky/rings', { query: { times: 1, how: '503' } })
      assert.equal(headers['x-ring'], 'one')
      const attempt = (status: number) => ['out without credential', 'in one', `back ${status}`]
      assert.deepEqual(seen, [...attempt(503), ...attempt(200)])
    },
  },
  {
    name: 'keeps the credential from another origin',
    async run({ open, server }) {
      const other = new URL(server.baseUrl)
      other.hostname = other.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
      const client = open({
        auth: token(canary),
        interceptors: [(request, next) => next({ ...request, url: new URL(request.url.pathname, other) })],
      })
      assert.equal((await client.get<Echo>('/echo')).headers.authorization, undefined)
    },
  },
  {
    name: 'serves many calls at once, and closes more than once',
    async run({ open, server }) {
      const client = open()
      const echoes = await Promise.all(
        Array.from({ length: 200 }, (_, n) => client.post<Echo>('/echo', { body: { n } })),
      )
      assert.deepEqual(
        echoes.map(({ body }) => (JSON.parse(body) as { n: number }).n),
        Array.from({ length: 200 }, (_, n) => n),
      )
      assert.equal(server.count('/echo'), 200)
      await client.close()
      await client.close()
    },
  },
]
