import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { type ErrorCode, InfrastructureError } from 'portolan'
import { text } from 'portolan/rest'
import { z } from 'zod'
import { jsonBody, serve } from './harness.ts'

const statuses: Readonly<Record<ErrorCode, number>> = {
  not_found: 404,
  already_exists: 409,
  conflict: 409,
  precondition_failed: 412,
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  rate_limited: 429,
  resource_exhausted: 507,
  deadline_exceeded: 504,
  cancelled: 499,
  unavailable: 503,
  unsupported: 501,
  data_loss: 500,
  internal: 500,
}

test('an infrastructure error becomes a problem with its code; server faults tell nothing of the inside', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'GET',
      path: '/fail/:code',
      version: 1,
      summary: 'Fail',
      handler: ({ params }) => {
        throw new InfrastructureError(params.code as ErrorCode, 'canary-message', {
          retryAfterMs: 2500,
          details: { table: 'canary-table' },
        })
      },
    })
  })
  for (const [code, status] of Object.entries(statuses)) {
    const answer = await app.json(`/v1/fail/${code}`)
    assert.equal(answer.status, status, code)
    assert.equal(answer.body.code, code)
    assert.equal(answer.body.status, status)
    assert.equal(answer.body.requestId, answer.headers.get('x-request-id'))
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.doesNotMatch(JSON.stringify(answer.body), /canary-table/)
    assert.equal(answer.headers.get('retry-after'), status === 429 || status === 503 ? '3' : null)
    const logged = app.lines.some(
      ({ level, fields }) => level === 'error' && fields?.requestId === answer.body.requestId,
    )
    assert.equal(logged, status >= 500, code)
    assert.equal(JSON.stringify(answer.body).includes('canary-message'), status < 500, code)
  }
})

test('an unknown error is a 500 without a word of it, and in the log with the request id', async () => {
  await using app = await serve(rest => {
    rest.raw({
      method: 'POST',
      path: '/hook',
      handler: () => {
        throw new Error('canary: password=hunter2')
      },
    })
  })
  const { status, body } = await app.json('/hook', { method: 'POST', body: 'x' })
  assert.equal(status, 500)
  assert.doesNotMatch(JSON.stringify(body), /canary|hunter2/)
  const line = app.lines.find(({ level }) => level === 'error')
  assert.equal(line?.fields?.requestId, body.requestId)
})

test('what the protocol itself refuses is a problem too', async () => {
  await using app = await serve(
    rest => {
      rest.route({
        method: 'POST',
        path: '/orders',
        version: 1,
        summary: 'Place',
        body: z.object({}),
        handler: () => ({}),
      })
      rest.raw({ method: 'POST', path: '/tiny', bodyLimit: 10, handler: () => text('ok') })
      rest.raw({ method: 'POST', path: '/any', handler: () => text('ok') })
      rest.raw({ method: 'GET', path: '/any', handler: () => text('ok') })
    },
    { bodyLimit: '1kb' },
  )
  const expect = async (path: string, init: RequestInit, status: number, code: string) => {
    const answer = await app.json(path, init)
    assert.equal(answer.status, status, path)
    assert.equal(answer.body.code, code, path)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    return answer
  }
  await expect('/nowhere?x=1', {}, 404, 'not_found')
  const wrong = await expect('/any?x=1', { method: 'DELETE' }, 405, 'method_not_allowed')
  assert.equal(wrong.headers.get('allow'), 'GET, HEAD, POST')
  await expect('/any', { method: 'POST', body: 'x'.repeat(1025) }, 413, 'body_too_large')
  await expect('/tiny', { method: 'POST', body: 'x'.repeat(11) }, 413, 'body_too_large')
  await expect(
    '/v1/orders',
    { method: 'POST', body: 'a,b', headers: { 'content-type': 'text/csv' } },
    415,
    'unsupported_media_type',
  )
  const json = { 'content-type': 'application/json' }
  await expect('/v1/orders', { method: 'POST', body: '{"a":', headers: json }, 400, 'invalid_json')
  await expect('/v1/orders', { method: 'POST', body: '{"__proto__":{}}', headers: json }, 400, 'invalid_json')
  await expect('/v1/orders', { method: 'POST' }, 400, 'invalid_argument')
  await expect('/v1/orders', jsonBody([]), 400, 'invalid_argument')
  await expect('/%zz', {}, 400, 'invalid_request')
})

test('what is not HTTP gets a problem and the connection is closed', async () => {
  await using app = await serve(() => {})
  const socket = connect(Number(new URL(app.rest.url).port), '127.0.0.1')
  socket.end('this is no request\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += chunk
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.match(answer, /application\/problem\+json/)
})

test('request ids are taken from the caller when they are harmless, else made', async () => {
  await using app = await serve(rest => {
    rest.raw({ method: 'GET', path: '/id', handler: ({ requestId }) => text(requestId) })
  })
  const ask = async (headers: Record<string, string>) => (await app.fetch('/id', { headers })).text()
  assert.equal(await ask({ 'x-request-id': 'edge-42' }), 'edge-42')
  const made = await ask({ 'x-request-id': 'a "b" {c}' })
  assert.match(made, /^[\w-]+$/)
  assert.notEqual(await ask({}), made)
})

test('that another service refused us is no fault of the client, and where it is stays inside', async () => {
  await using app = await serve(rest => {
    rest.route({
      method: 'GET',
      path: '/upstream/:code',
      version: 1,
      summary: 'Ask another service',
      handler: ({ params }) => {
        throw new InfrastructureError(params.code as ErrorCode, 'POST http://internal.example/charges: 401', {
          details: { method: 'POST', url: 'http://internal.example/charges', status: 401 },
        })
      },
    })
  })
  for (const code of ['unauthenticated', 'permission_denied', 'not_found', 'invalid_argument', 'conflict']) {
    const { status, body } = await app.json(`/v1/upstream/${code}`)
    assert.deepEqual([status, body.code], [502, 'bad_gateway'])
    assert.doesNotMatch(JSON.stringify(body), /internal\.example/)
  }
})
