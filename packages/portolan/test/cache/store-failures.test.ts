import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logger } from 'portolan'
import { type CacheService, openCache } from 'portolan/cache'
import { skipUnlessInstalled, startProxy, startServer } from 'portolan-engines'
import { held, until } from '../../src/contracts/cache-kit.ts'
import { silentLogger } from '../../src/runtime/surroundings.ts'

const skip = skipUnlessInstalled('redis')
// A server that is gone refuses at once: only a busy machine needs the time.
const options = { timeout: '5s', rest: '50ms' } as const
const limits = 'command_timeout=5s&connect_timeout=5s'

test('Redis killed, away, restarted empty: the memory and the loads answer, it is used again, and nothing stale is left', {
  skip,
}, async () => {
  await using server = await startServer('redis')
  const warnings: string[] = []
  const logger: Logger = { ...silentLogger, warn: message => void warnings.push(message) }
  await server.stop()
  const url = `${server.url}?${limits}`
  await using cache = await openCache(url, { ...options, logger })
  await using other = await openCache(url, options)
  await Promise.all([cache.start(), other.start()])
  assert.equal(await cache.getOrSet('a', () => 'loaded'), 'loaded')
  assert.equal((await cache.health()).status, 'degraded')

  await server.restart()
  await written(cache)
  await written(other)
  await cache.set('kept', 'old', { tags: ['t'] })
  assert.equal(await other.get('kept'), 'old')

  await server.kill()
  assert.equal(await cache.get('kept'), 'old')
  await cache.set('kept', 'new')
  await cache.deleteByTag('t')
  const slow = held<string>()
  const asked = cache.getOrSet('in flight', slow.load)
  await slow.begun
  await server.restart()
  slow.resolve('loaded')
  assert.equal(await asked, 'loaded')
  await until(async () => (await other.get('kept')) !== 'old')
  await written(cache)
  // That it was told of the change says nothing of its own connection to the store.
  await written(other)
  assert.equal(warnings.filter(text => text.includes('store')).length, 1)
  const { storeFailures } = cache.stats()
  assert.ok(storeFailures > 0)

  // Empty, and with the marks and the time of before lost.
  await flush(server.url)
  await cache.set('again', 1, { tags: ['t'] })
  assert.equal(await other.get('again'), 1)
  await other.deleteByTag('t')
  await until(async () => (await cache.get('again')) === undefined)
})

test('Redis full: calls go on, what was changed is not given as it was, and deletions hold', {
  skip,
}, async () => {
  await using server = await startServer('redis', {
    args: ['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction'],
  })
  await using cache = await openCache(server.url, options)
  await using other = await openCache(server.url, options)
  await Promise.all([cache.start(), other.start()])
  for (const key of ['a', 'b', 'tagged']) await cache.set(key, 'old', { tags: key === 'tagged' ? ['t'] : [] })
  for (const key of ['a', 'b', 'tagged']) assert.equal(await other.get(key), 'old')
  for (let at = 0; cache.stats().storeFailures === 0; at++) await cache.set(`fill ${at}`, 'x'.repeat(50_000))
  await cache.set('a', 'new'.repeat(20_000))
  await cache.delete('b')
  await cache.deleteByTag('t')
  assert.equal(await cache.get('a'), 'new'.repeat(20_000))
  await until(async () => (await other.get('a')) !== 'old')
  for (const key of ['b', 'tagged']) await until(async () => (await other.get(key)) === undefined)
  assert.equal(await other.getOrSet('c', () => 'loaded'), 'loaded')
})

test('Redis evicting: what is gone is loaded again, also the marks of deletions', { skip }, async () => {
  await using server = await startServer('redis', {
    args: ['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-random'],
  })
  await using cache = await openCache(server.url, { ...options, maxEntries: 0 })
  await cache.start()
  for (let at = 0; at < 20; at++) {
    await cache.getOrSet(`k${at}`, () => 'old'.repeat(100_000), { tags: ['t'] })
    await cache.deleteByTag('t')
    assert.equal(await cache.get(`k${at}`), undefined)
  }
})

test('entries that are damaged, or somebody else wrote, are misses, and are counted', { skip }, async () => {
  await using server = await startServer('redis')
  await using cache = await openCache(`${server.url}?prefix=shop`, { ...options, maxEntries: 0 })
  const { Redis } = await import('ioredis')
  const client = new Redis(server.url)
  try {
    await cache.set('a', { text: 'x'.repeat(100), at: new Date(5) })
    const name = 'shop:cache::a'
    const whole = await client.getBuffer(name)
    assert.ok(whole, 'it is kept under this name')
    for (let length = 0; length < whole.length; length += 3) {
      await client.set(name, whole.subarray(0, length))
      assert.equal(await cache.get('a'), undefined)
    }
    for (const other of [
      '',
      'text',
      '{"a":1}',
      '\0\xff',
      'P1',
      'P1 2 ',
      'D',
      `P1764160000000000 1764160000000000 []\n`,
    ]) {
      await client.set(name, other)
      assert.equal(await cache.get('a'), undefined)
    }
    const { corrupt, foreign } = cache.stats()
    assert.ok(corrupt > 0 && foreign > 0)
    await client.del(name)
    await client.lpush(name, 'a list')
    assert.equal(await cache.getOrSet('a', () => 1), 1)
    assert.equal(await cache.get('a'), 1)
  } finally {
    client.disconnect()
  }
})

test('a slow network, and one that is cut again and again, cost time and nothing else', {
  skip,
}, async () => {
  await using server = await startServer('redis')
  await using proxy = await startProxy({ host: '127.0.0.1', port: server.port })
  await using cache = await openCache(`redis://127.0.0.1:${proxy.port}?${limits}`, options)
  await using other = await openCache(server.url, options)
  await Promise.all([cache.start(), other.start()])
  proxy.delay(20)
  await cache.set('slow', 1)
  assert.equal(await other.get('slow'), 1)
  // What is still on its way would arrive after what comes later.
  proxy.delay(0)
  proxy.cut()
  for (let round = 0; round < 5; round++) {
    // What is set while it is not connected is deleted elsewhere instead.
    await until(async () => {
      await cache.set('a', round)
      return (await other.get('a')) === round
    })
    proxy.cut()
    await other.set('a', `new ${round}`)
    await until(async () => (await cache.get('a')) === `new ${round}`)
  }
})

/** The store answers again: what the breaker and the client waited for is over, and what was missed has been made up for. */
async function written(cache: CacheService): Promise<void> {
  await until(async () => {
    const before = cache.stats().storeMisses
    await cache.get('probe')
    // Nothing is counted where it was not asked.
    return cache.stats().storeMisses > before && (await cache.health()).status === 'up'
  })
}

async function flush(url: string): Promise<void> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url)
  await client.flushall()
  client.disconnect()
}
