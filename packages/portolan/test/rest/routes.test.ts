import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { createRest, reply } from 'portolan/rest'
import { z } from 'zod'
import { jsonBody, serve } from './harness.ts'

const Order = z.object({ id: z.string(), total: z.number() })

test('a route is served below its version, with parameters, queries and bodies checked and typed', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'PUT',
      path: '/orders/:id/lines/:line',
      version: 2,
      summary: 'Change a line',
      params: z.object({ id: z.string(), line: z.int() }),
      query: z.object({ dry: z.boolean().default(false), tag: z.array(z.string()).default([]) }),
      headers: z.object({ 'x-shop': z.string() }),
      body: z.object({ quantity: z.int().min(1) }),
      responses: { 200: z.object({ seen: z.unknown() }) },
      handler: ({ params, query, headers, body }) => ({ seen: { params, query, headers, body } }),
    })
  })
  const { status, body } = await app.json('/v2/orders/a%2Fb/lines/3?dry=1&tag=new', {
    ...jsonBody({ quantity: 2 }, 'PUT'),
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-shop': 'north' },
  })
  assert.equal(status, 200)
  assert.deepEqual(body.seen, {
    params: { id: 'a/b', line: 3 },
    query: { dry: true, tag: ['new'] },
    headers: { 'x-shop': 'north' },
    body: { quantity: 2 },
  })
})

test('every part that is not valid is told at once, with its path', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'POST',
      path: '/orders/:id',
      version: 1,
      summary: 'Place',
      params: z.object({ id: z.int() }),
      query: z.object({ limit: z.int().max(10) }),
      body: z.object({ lines: z.array(z.object({ quantity: z.int().min(1) })) }),
      handler: () => assert.fail('the handler must not run'),
    })
  })
  const { status, body, headers } = await app.json(
    '/v1/orders/seven?limit=11',
    jsonBody({ lines: [{ quantity: 1 }, { quantity: 0 }] }),
  )
  assert.equal(status, 400)
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.equal(body.code, 'invalid_argument')
  assert.deepEqual(
    (body.issues as { path: string }[]).map(issue => issue.path),
    ['params.id', 'query.limit', 'body.lines[1].quantity'],
  )
})

test('blank and unfit text of a query is not taken for a number', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'GET',
      path: '/list',
      version: 1,
      summary: 'List',
      query: z.object({ limit: z.int().default(20), after: z.number().nullable().optional() }),
      handler: ({ query }) => query,
    })
  })
  assert.deepEqual((await app.json('/v1/list?limit=')).body, { limit: 20 })
  assert.deepEqual((await app.json('/v1/list?limit=5&after=-1.5')).body, { limit: 5, after: -1.5 })
  for (const limit of ['5x', '0x10', 'Infinity', '1.5']) {
    assert.equal((await app.fetch(`/v1/list?limit=${limit}`)).status, 400, limit)
  }
})

test('what is sent is what the response schema yields; nothing beyond it leaves', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'POST',
      path: '/orders',
      version: 1,
      summary: 'Place',
      responses: { 201: Order, 409: z.object({ reason: z.string() }) },
      handler: async () => ({ id: 'a', total: 1, passwordHash: 'secret' }),
    })
    rest.route({
      method: 'GET',
      path: '/orders/:id',
      version: 1,
      summary: 'One',
      responses: { 200: Order, 404: z.object({ reason: z.string() }) },
      handler: ({ params }) =>
        params.id === 'a' ? { id: 'a', total: 1 } : reply(404, { reason: 'gone' }, { 'x-why': 'sold' }),
    })
    rest.route({
      method: 'DELETE',
      path: '/orders/:id',
      version: 1,
      summary: 'Remove',
      responses: { 204: null },
      handler: () => undefined,
    })
  })
  const created = await app.json('/v1/orders', { method: 'POST' })
  assert.deepEqual([created.status, created.body], [201, { id: 'a', total: 1 }])
  const missing = await app.json('/v1/orders/b')
  assert.deepEqual([missing.status, missing.body], [404, { reason: 'gone' }])
  assert.equal(missing.headers.get('x-why'), 'sold')
  assert.equal((await app.fetch('/v1/orders/a', { method: 'DELETE' })).status, 204)
  const head = await app.fetch('/v1/orders/a', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '20', ''])
})

test('an answer that its own schema refuses is our fault: 500, with the reason only in the log', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'GET',
      path: '/broken',
      version: 1,
      summary: 'Broken',
      responses: { 200: z.object({ count: z.number().max(3) }) },
      handler: () => ({ count: 4 }),
    })
  })
  const { status, body } = await app.json('/v1/broken')
  assert.equal(status, 500)
  assert.doesNotMatch(JSON.stringify(body), /count/)
  const line = app.lines.find(({ level }) => level === 'error')
  assert.equal(line?.fields?.requestId, body.requestId)
  assert.match(String(line?.fields?.error), /count/)
})

test('versions live side by side, and a deprecated one says so', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'GET',
      path: '/orders',
      version: 1,
      summary: 'Old',
      deprecated: {
        since: new Date('2026-01-01T00:00:00Z'),
        sunset: new Date('2027-01-01T00:00:00Z'),
        successor: '/v2/orders',
      },
      handler: () => ({ version: 1 }),
    })
    rest.route({
      method: 'GET',
      path: '/orders',
      version: 2,
      summary: 'New',
      handler: () => ({ version: 2 }),
    })
  })
  const old = await app.json('/v1/orders')
  assert.equal(old.body.version, 1)
  assert.equal(old.headers.get('deprecation'), '@1767225600')
  assert.equal(old.headers.get('sunset'), 'Fri, 01 Jan 2027 00:00:00 GMT')
  assert.equal(old.headers.get('link'), '</v2/orders>; rel="successor-version"')
  const current = await app.json('/v2/orders')
  assert.equal(current.body.version, 2)
  assert.equal(current.headers.get('deprecation'), null)
})

test('declarations that cannot be served are refused where they stand', () => {
  const rest = createRest({ title: 'Test', version: '1', port: 0 })
  const base = { version: 1, summary: 'x', handler: () => ({}) } as const
  const refused = (declare: () => void, code: 'invalid_argument' | 'unsupported', message: RegExp) =>
    assert.throws(declare, error => InfrastructureError.is(error, code) && message.test(error.message))

  refused(
    () =>
      rest.route({
        ...base,
        method: 'GET',
        path: '/a',
        responses: { 200: z.object({ at: z.date().optional() }) },
      }),
    'unsupported',
    /GET \/v1\/a, response 200.*Date.*z\.iso\.datetime/,
  )
  const opaque = {
    '~standard': { version: 1, vendor: 'home', validate: (value: unknown) => ({ value }) },
  } as const
  refused(
    () => rest.route({ ...base, method: 'POST', path: '/a', body: opaque }),
    'unsupported',
    /POST \/v1\/a, body.*withJsonSchema/,
  )
  refused(
    () => rest.route({ ...base, method: 'GET', path: '/a/:id', params: z.object({ key: z.string() }) }),
    'invalid_argument',
    /the path names \[id\], the params schema \[key\]/,
  )
  refused(() => rest.route({ ...base, method: 'GET', path: '/a-:id' }), 'invalid_argument', /is no path/)
  refused(() => rest.route({ ...base, method: 'GET', path: '/a', version: 0 }), 'invalid_argument', /version/)
  refused(
    () => rest.route({ ...base, method: 'GET', path: '/a', body: Order }),
    'invalid_argument',
    /no body/,
  )
  rest.route({ ...base, method: 'GET', path: '/twice' })
  refused(() => rest.route({ ...base, method: 'GET', path: '/twice' }), 'invalid_argument', /declared twice/)
})
