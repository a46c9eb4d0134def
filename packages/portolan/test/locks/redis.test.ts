import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { InfrastructureError } from 'portolan'
import { openLocks } from 'portolan/locks'
import { skipUnlessInstalled, startServer } from 'portolan-engines'
import { failure } from '../../src/contracts/failure.ts'
import { until } from './faults.ts'

const skip = skipUnlessInstalled('redis')

test('Redis that was restarted empty: the holder learns of the loss, and the next token is higher', {
  skip,
}, async () => {
  await using server = await startServer('redis')
  await using one = await openLocks(server.url)
  await using other = await openLocks(server.url)
  const name = randomUUID()
  const lock = (await one.acquire(name, { ttl: '9s' }))!
  await using admin = await administrator(server.url)
  await admin.redis.flushall()
  await server.restart()

  const next = (await other.acquire(name, { wait: '60s' }))!
  assert.ok(next.token > lock.token)
  await until(() => lock.signal.aborted)
  assert.ok(InfrastructureError.is(lock.signal.reason, 'conflict'))
  await lock.release()
  assert.equal(next.held, true)
  assert.equal(await one.acquire(name, { wait: 0 }), undefined)
  await next.release()
})

test('Redis that is killed and comes back with its data: the lock is still held', { skip }, async () => {
  await using server = await startServer('redis')
  await using one = await openLocks(server.url)
  await using other = await openLocks(server.url)
  const name = randomUUID()
  await using lock = (await one.acquire(name, { ttl: '60s' }))!
  await server.kill()
  const down = await failure(one.acquire(randomUUID(), { wait: 0 }))
  assert.equal(down.code, 'unavailable')
  assert.equal(down.retry, 'later')
  const waiting = one.acquire('while it is down', { wait: '60s' })
  await server.restart()
  await using found = (await waiting)!
  assert.equal(found.held, true)
  assert.equal((await other.acquire(name, { wait: '500ms' })) ?? 'held', 'held')
  assert.equal(lock.held, true)
})

test('Redis that is not there at the start is found when it comes', { skip }, async () => {
  await using server = await startServer('redis')
  await server.stop()
  await using locks = await openLocks(server.url)
  assert.equal((await failure(locks.start())).code, 'unavailable')
  assert.equal((await failure(locks.acquire('a', { wait: 0 }))).code, 'unavailable')
  const waiting = locks.acquire('a', { wait: '60s' })
  await server.restart()
  await (await waiting)!.release()
})

test('Redis whose memory is full: the error says so, and the lock is had once there is room', {
  skip,
}, async () => {
  await using server = await startServer('redis')
  await using locks = await openLocks(server.url)
  await locks.start()
  await using admin = await administrator(server.url)
  await admin.redis.config('SET', 'maxmemory', '1')
  const error = await failure(locks.acquire('a', { wait: 0 }))
  assert.equal(error.code, 'resource_exhausted')
  const waiting = locks.acquire('a', { wait: '60s' })
  await admin.redis.config('SET', 'maxmemory', '0')
  await (await waiting)!.release()
})

test('a wrong password is told without it', { skip }, async () => {
  await using server = await startServer('redis')
  await using admin = await administrator(server.url)
  await admin.redis.config('SET', 'requirepass', 'right-secret')
  const url = server.url.replace('//', '//:wrong-secret@')
  await using locks = await openLocks(url)
  for (const work of [locks.start(), locks.acquire('a', { wait: 0 })]) {
    const error = await failure(work)
    assert.equal(error.code, 'unauthenticated')
    assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /secret/)
  }
  await using right = await openLocks(server.url.replace('//', '//:right-secret@'))
  await (await right.acquire('a'))!.release()
})

test('URLs that are wrong are refused without repeating them', async () => {
  const wrong = [
    ['redis://:secret@localhost/x', /no number of a database/],
    ['redis://:secret@localhost?prefx=a', /'prefix'/],
    ['redis://:secret@localhost?prefix=a%20b', /letters/],
    ['redis://:secret@localhost?command_timeout=soon', /command_timeout/],
    ['redis://:%secret@localhost', /%25/],
    ['postgres://user:secret@localhost/shop', /databaseLocks/],
    ['secret', /no scheme/],
  ] as const
  for (const [url, message] of wrong) {
    const error = await failure(openLocks(url))
    assert.equal(error.code, 'invalid_argument')
    assert.match(error.message, message)
    assert.doesNotMatch(inspect(error, { depth: 10 }), /secret/)
  }
})

async function administrator(url: string): Promise<{ redis: Redis } & AsyncDisposable> {
  const redis = new Redis(url)
  redis.on('error', () => {})
  return {
    redis,
    async [Symbol.asyncDispose]() {
      redis.disconnect()
    },
  }
}
