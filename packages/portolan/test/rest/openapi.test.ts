import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { reply, withJsonSchema } from 'portolan/rest'
import { z } from 'zod'
import { serve } from './harness.ts'

const Line = z.object({ sku: z.string().describe('What the shelf says'), quantity: z.int().min(1).max(100) })
const Order = z.object({ id: z.string(), lines: z.array(Line) }).meta({ id: 'Order' })
const Category = z.object({
  name: z.string(),
  get children() {
    return z.array(Category)
  },
})

async function shop() {
  return serve(
    rest => {
      rest.route({
        method: 'GET',
        path: '/orders/:id',
        version: 1,
        summary: 'One order',
        tags: ['Orders'],
        query: z.object({ expand: z.boolean().default(false).describe('With its <lines>') }),
        responses: { 200: Order, 404: z.object({ reason: z.string() }) },
        handler: ({ params }) =>
          params.id === '' ? reply(404, { reason: '' }) : { id: params.id, lines: [] },
      })
      rest.route({
        method: 'POST',
        path: '/orders',
        version: 2,
        summary: 'Place an order',
        tags: ['Orders'],
        deprecated: { since: new Date('2026-01-01') },
        body: z.object({ order: Order, note: z.string().default("it's") }),
        responses: { 201: Order, 204: null },
        handler: ({ body }) => body.order,
      })
      rest.route({
        method: 'GET',
        path: '/categories',
        version: 1,
        summary: 'All',
        responses: { 200: Category },
        handler: () => ({ name: '', children: [] }),
      })
    },
    { title: 'The <Shop>', version: '3.1.4' },
  )
}

interface Document {
  openapi: string
  info: unknown
  paths: Record<string, Record<string, Record<string, unknown>>>
  components: { schemas: Record<string, Record<string, unknown>> }
}

test('the OpenAPI document describes every operation with the schemas that check it', async () => {
  await using app = await shop()
  const document = (await app.json('/openapi.json')).body as unknown as Document
  assert.equal(document.openapi, '3.1.1')
  assert.deepEqual(document.info, { title: 'The <Shop>', version: '3.1.4' })
  assert.deepEqual(Object.keys(document.paths), ['/v1/orders/{id}', '/v2/orders', '/v1/categories'])
  const get = document.paths['/v1/orders/{id}']!.get!
  assert.equal(get.operationId, 'getV1OrdersById')
  assert.deepEqual(get.parameters, [
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    {
      name: 'expand',
      in: 'query',
      required: false,
      description: 'With its <lines>',
      schema: { type: 'boolean', default: false, description: 'With its <lines>' },
    },
  ])
  const post = document.paths['/v2/orders']!.post!
  assert.equal(post.deprecated, true)
  assert.deepEqual(Object.keys(post.responses as object), ['201', '204', 'default'])
})

test('every reference leads somewhere, and every schema compiles as JSON Schema', async () => {
  await using app = await shop()
  const document = (await app.json('/openapi.json')).body as unknown as Document
  for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
    const name = /^#\/components\/schemas\/(.+)$/.exec(reference)?.[1]
    assert.ok(name !== undefined && name in document.components.schemas, reference)
  }
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } })
  ajv.addSchema(document, 'document')
  const category = ajv.getSchema('document#/components/schemas/getV1Categories200')!
  assert.equal(category({ name: 'a', children: [{ name: 'b', children: [] }] }), true)
  assert.equal(category({ name: 'a', children: [{ name: 7, children: [] }] }), false)
})

test('a schema without JSON Schema takes one that is given', async () => {
  const Even = withJsonSchema(
    z.custom<number>(value => typeof value === 'number' && value % 2 === 0),
    { type: 'integer', multipleOf: 2 },
  )
  await using app = await serve(rest => {
    rest.route({
      method: 'POST',
      path: '/even',
      version: 1,
      summary: 'x',
      body: Even,
      handler: ({ body }) => body / 2,
    })
  })
  const { body } = await app.json('/openapi.json')
  assert.match(JSON.stringify(body), /"multipleOf":2/)
  const post = (value: number) =>
    app.fetch('/v1/even', {
      method: 'POST',
      body: String(value),
      headers: { 'content-type': 'application/json' },
    })
  assert.equal(await (await post(4)).text(), '2')
  assert.equal((await post(3)).status, 400)
})

test('the documentation page stands alone and escapes what it shows', async () => {
  await using app = await shop()
  const response = await app.fetch('/docs')
  const page = await response.text()
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.doesNotMatch(page, /<script|https?:\/\/(?!example|127\.0\.0\.1)/)
  assert.doesNotMatch(page, /<Shop>|<lines>/)
  assert.match(page, /id="getV1OrdersById"/)
  assert.match(page, /lines\[\]<wbr>\.quantity/)
  assert.match(page, /integer, 1…100/)
  assert.match(page, /curl -X POST &#39;http:\/\/127\.0\.0\.1:\d+\/v2\/orders&#39;/)
  const body = /-d &#39;(.*)&#39;<\/code>/.exec(page)?.[1]?.replaceAll('&quot;', '"')
  assert.deepEqual(JSON.parse(body ?? ''), { order: { id: 'text', lines: [{ sku: 'text', quantity: 1 }] } })
})

test('without operations there is no documentation', async () => {
  await using app = await serve(() => {})
  assert.equal((await app.fetch('/openapi.json')).status, 404)
  assert.equal((await app.fetch('/docs')).status, 404)
})
