import assert from 'node:assert/strict'
import { test } from 'node:test'
import { file, html, redirect } from 'portolan/rest'
import { z } from 'zod'
import { serve } from './harness.ts'

test('a form is posted, checked and answered with a redirect to where its result stands', async () => {
  await using app = await serve(rest => {
    rest.page({
      method: 'POST',
      path: '/products',
      body: z.object({
        name: z.string().min(1),
        stock: z.int().min(0),
        active: z.boolean().default(false),
        tags: z.array(z.string()).default([]),
      }),
      handler: ({ body }) => redirect(`/products/${encodeURIComponent(JSON.stringify(body))}`),
    })
    rest.page({ method: 'POST', path: '/free', handler: ({ body }) => html(JSON.stringify(body)) })
  })
  const form = new URLSearchParams([
    ['name', 'Täßchen & "Co"'],
    ['stock', '12'],
    ['active', 'on'],
    ['tags', 'a'],
    ['tags', 'b'],
  ])
  const response = await app.fetch('/products', { method: 'POST', body: form })
  assert.equal(response.status, 303)
  assert.deepEqual(
    JSON.parse(decodeURIComponent((response.headers.get('location') ?? '').slice('/products/'.length))),
    {
      name: 'Täßchen & "Co"',
      stock: 12,
      active: true,
      tags: ['a', 'b'],
    },
  )
  const free = await app.fetch('/free', { method: 'POST', body: new URLSearchParams('a=1&__proto__=2&a=3') })
  assert.equal(await free.text(), '{"a":["1","3"],"__proto__":"2"}')
})

test('a page has a strict policy with a fresh nonce, and people see problems as pages', async () => {
  await using app = await serve(rest => {
    rest.page({
      method: 'GET',
      path: '/',
      handler: ({ nonce }) => html(`<script nonce="${nonce}"></script>`),
    })
    rest.page({
      method: 'GET',
      path: '/own',
      contentSecurityPolicy: "default-src 'self'",
      handler: () => html('x'),
    })
    rest.page({ method: 'GET', path: '/n/:n', params: z.object({ n: z.int() }), handler: () => html('x') })
  })
  const [first, second] = [await app.fetch('/'), await app.fetch('/')]
  const policy = first.headers.get('content-security-policy') ?? ''
  const nonce = /nonce="([^"]+)"/.exec(await first.text())?.[1]
  assert.ok(nonce && policy.includes(`'nonce-${nonce}'`))
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.notEqual(second.headers.get('content-security-policy'), policy)
  assert.equal(first.headers.get('x-content-type-options'), 'nosniff')
  assert.equal((await app.fetch('/own')).headers.get('content-security-policy'), "default-src 'self'")
  const refused = await app.fetch('/n/%3Cb%3E', { headers: { accept: 'text/html,*/*' } })
  assert.equal(refused.status, 400)
  assert.match(refused.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(await refused.text(), /<h1>Bad Request<\/h1>/)
  const nowhere = await app.fetch('/nowhere', { headers: { accept: 'text/html,*/*' } })
  assert.equal(nowhere.status, 404)
  assert.match(await nowhere.text(), /<h1>Not Found<\/h1>/)
  assert.match((await app.fetch('/nowhere')).headers.get('content-type')!, /^application\/problem\+json/)
})

test('what changes state is refused when another site sent it', async () => {
  let changes = 0
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/x', handler: () => html('x') })
    rest.page({
      method: 'POST',
      path: '/x',
      handler: () => {
        changes += 1
        return html('x')
      },
    })
  })
  const post = async (headers: Record<string, string>) =>
    (await app.fetch('/x', { method: 'POST', headers })).status
  assert.equal(await post({ 'sec-fetch-site': 'cross-site' }), 403)
  assert.equal(await post({ 'sec-fetch-site': 'same-site' }), 403)
  assert.equal(await post({ origin: 'https://evil.example' }), 403)
  assert.equal(await post({ origin: 'null' }), 403)
  assert.equal(changes, 0)
  assert.equal(await post({ 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy.example' }), 200)
  assert.equal(await post({ 'sec-fetch-site': 'none' }), 200)
  assert.equal(await post({ origin: app.rest.url }), 200)
  assert.equal(await post({}), 200)
  assert.equal(changes, 4)
  assert.equal((await app.fetch('/x', { headers: { 'sec-fetch-site': 'cross-site' } })).status, 200)
})

test('files and streams are sent with their type and name', async () => {
  async function* parts() {
    yield new TextEncoder().encode('one,')
    yield new TextEncoder().encode('two')
  }
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/bytes', handler: () => file(new Uint8Array([1, 2, 3]), 'image/png') })
    rest.page({
      method: 'GET',
      path: '/stream',
      handler: () => file(parts(), 'text/csv', { downloadAs: 'été "10".csv' }),
    })
  })
  const bytes = await app.fetch('/bytes')
  assert.equal(bytes.headers.get('content-type'), 'image/png')
  assert.deepEqual(new Uint8Array(await bytes.arrayBuffer()), new Uint8Array([1, 2, 3]))
  const stream = await app.fetch('/stream')
  assert.equal(await stream.text(), 'one,two')
  assert.equal(
    stream.headers.get('content-disposition'),
    `attachment; filename="_t_ _10_.csv"; filename*=UTF-8''%C3%A9t%C3%A9%20%2210%22.csv`,
  )
})

test('a redirect cannot smuggle a header', async () => {
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/go', handler: ({ query }) => redirect(String(query.to)) })
  })
  const response = await app.fetch(`/go?to=${encodeURIComponent('/a\r\nset-cookie: x=1/é')}`)
  assert.equal(response.headers.get('location'), '/a%0D%0Aset-cookie:%20x=1/%C3%A9')
  assert.equal(response.headers.get('set-cookie'), null)
})
