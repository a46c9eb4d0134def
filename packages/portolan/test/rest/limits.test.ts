import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLimits, type LimitOptions, memoryLimits } from 'portolan/limits'
import { createRest, type HttpLimit, type RestOptions, text } from 'portolan/rest'

const limits = () => createLimits({ driver: memoryLimits() })
const few: LimitOptions = { limit: 2, per: '1h' }

async function serve(options: Partial<RestOptions>, limit?: HttpLimit) {
  const rest = createRest({ title: 'Test', version: '1', port: 0, ...options })
  rest.raw({ method: 'POST', path: '/hook', handler: () => text('taken'), ...(limit && { limit }) })
  rest.raw({ method: 'POST', path: '/free', handler: () => text('free') })
  await rest.start()
  return {
    post: (path: string, headers: Record<string, string> = {}) =>
      fetch(rest.url + path, { method: 'POST', headers, body: 'x' }),
    get: (path: string) => fetch(rest.url + path),
    [Symbol.asyncDispose]: () => rest.stop(),
  }
}

test('each answer tells the quota; beyond it comes a problem 429 that says when to come back', async () => {
  await using server = await serve({}, { limiter: limits().limiter('hooks', few) })
  const first = await server.post('/hook')
  assert.equal(first.status, 200)
  assert.equal(first.headers.get('ratelimit-policy'), '"hooks";q=2;w=3600')
  assert.match(first.headers.get('ratelimit')!, /^"hooks";r=1;t=\d+$/)
  await server.post('/hook')
  const refused = await server.post('/hook')
  assert.equal(refused.status, 429)
  assert.match(refused.headers.get('content-type')!, /^application\/problem\+json/)
  const { code, detail } = (await refused.json()) as { code: string; detail: string }
  assert.equal(code, 'rate_limited')
  assert.match(detail, /Try again in \d+ seconds/)
  const after = Number(refused.headers.get('retry-after'))
  assert.ok(after > 0 && after <= 1_800)
  assert.equal(refused.headers.get('ratelimit'), `"hooks";r=0;t=${after}`)
  assert.equal((await server.post('/free')).headers.get('ratelimit'), null)
})

test('a limit of the server holds for all addresses but health, also for those that there are not', async () => {
  await using server = await serve({ limit: { limiter: limits().limiter('all', few) } })
  assert.equal((await server.post('/free')).status, 200)
  assert.equal((await server.get('/nothing')).status, 404)
  assert.equal((await server.post('/free')).status, 429)
  assert.equal((await server.get('/nothing')).status, 429)
  assert.equal((await server.get('/health/live')).status, 200)
})

test('two limits make a list, and who has a key of its own has a quota of its own', async () => {
  const service = limits()
  await using server = await serve(
    { limit: { limiter: service.limiter('all', { limit: 10, per: '1h' }) } },
    {
      limiter: service.limiter('hooks', few),
      key: ({ headers }) => headers['x-shop'] as string | undefined,
      cost: () => 2,
    },
  )
  const one = await server.post('/hook', { 'x-shop': 'one' })
  assert.equal(one.headers.get('ratelimit-policy'), '"all";q=10;w=3600, "hooks";q=2;w=3600')
  assert.equal((await server.post('/hook', { 'x-shop': 'one' })).status, 429)
  assert.equal((await server.post('/hook', { 'x-shop': 'two' })).status, 200)
  assert.equal((await server.post('/hook')).status, 200, 'without a key it is not limited')
})

const from = (address: string) => ({ 'x-forwarded-for': address })

test('the address of the client is that of the connection', async () => {
  await using server = await serve({ limit: { limiter: limits().limiter('all', few) } })
  const statuses: number[] = []
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
    statuses.push((await server.post('/free', from(address))).status)
  assert.deepEqual(statuses, [200, 200, 429])
})

test('a proxy that is trusted tells the address of the client', async () => {
  await using server = await serve({
    limit: { limiter: limits().limiter('all', few) },
    trustedProxies: ['127.0.0.1', '::1'],
  })
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
    assert.equal((await server.post('/free', from(address))).status, 200)
})
