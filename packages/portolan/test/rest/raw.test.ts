import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { reply, text } from 'portolan/rest'
import { serve } from './harness.ts'

test('a raw handler gets every byte as it came, whatever the content type says', async () => {
  await using app = await serve(rest => {
    rest.raw({
      method: 'POST',
      path: '/hooks/:shop',
      handler: ({ rawBody, headers, query, params }) =>
        text(
          [createHash('sha256').update(rawBody).digest('hex'), headers['x-sig'], query.a, params.shop].join(
            ' ',
          ),
        ),
    })
  })
  const bytes = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) % 256)
  const hash = createHash('sha256').update(bytes).digest('hex')
  for (const type of [
    'application/json',
    'application/x-www-form-urlencoded',
    'image/png',
    'text/plain; charset=latin1',
  ]) {
    const response = await app.fetch('/hooks/north?a=1', {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': type, 'x-sig': 's' },
    })
    assert.equal(await response.text(), `${hash} s 1 north`, type)
  }
})

test('a body that is not there is empty, and a raw answer may be anything', async () => {
  await using app = await serve(rest => {
    rest.raw({
      method: 'POST',
      path: '/hook',
      handler: ({ rawBody }) => reply(202, { length: rawBody.length }),
    })
    rest.raw({
      method: 'GET',
      path: '/hook',
      handler: async ({ query }) => text(String(query['hub.challenge'])),
    })
    rest.raw({ method: 'PUT', path: '/hook', handler: () => reply(401) })
  })
  const posted = await app.json('/hook', { method: 'POST' })
  assert.deepEqual([posted.status, posted.body], [202, { length: 0 }])
  const challenge = await app.fetch('/hook?hub.challenge=1158201444')
  assert.equal(await challenge.text(), '1158201444')
  assert.equal((await app.fetch('/hook', { method: 'PUT', body: '{}' })).status, 401)
})
