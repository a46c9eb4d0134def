import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logger } from 'portolan'
import { openLimits } from 'portolan/limits'
import { skipUnlessInstalled, startProxy, startServer } from 'portolan-engines'
import { failure } from '../../src/contracts/failure.ts'
import { silentLogger } from '../../src/runtime/surroundings.ts'

const skip = skipUnlessInstalled('redis')

test('a store that is down, slow, swallowed, or empty again lets pass or refuses as it was told, and is used again', {
  skip,
}, async () => {
  await using server = await startServer('redis')
  await using proxy = await startProxy({ host: '127.0.0.1', port: server.port })
  const warnings: string[] = []
  const logger: Logger = { ...silentLogger, warn: message => void warnings.push(message) }
  const url = `redis://127.0.0.1:${proxy.port}?command_timeout=200ms&connect_timeout=200ms`
  await using limits = await openLimits(url, { timeout: '2s', logger })
  const open = limits.limiter('open', { limit: 2, per: '1h' })
  const strict = limits.limiter('strict', { limit: 2, per: '1h', whenDown: 'refuse' })
  assert.equal((await open.take('a')).counted, true)

  proxy.freeze()
  assert.deepEqual(await Promise.all(Array.from({ length: 5 }, async () => (await open.take('a')).counted)), [
    false,
    false,
    false,
    false,
    false,
  ])
  const error = await failure(strict.take('a'))
  assert.deepEqual([error.code, error.retry], ['unavailable', 'later'])
  assert.equal(warnings.length, 1)
  proxy.thaw()
  await counted()
  // The quota of before, as the store still knows it.
  assert.equal((await open.take('a')).allowed, true)
  assert.equal((await open.take('a')).allowed, false)

  await server.kill()
  // Another one: that this one was refused is remembered for a moment.
  assert.equal((await open.take('b')).counted, false)
  await server.restart()
  await counted()
  assert.equal((await open.take('a')).allowed, false)

  proxy.cut()
  await counted()
  proxy.delay(20)
  assert.equal((await strict.take('slow')).allowed, true)
  proxy.delay(0)

  /** Whatever the breaker and the client still wait for. */
  async function counted(): Promise<void> {
    while (!(await open.take('probe')).counted) await new Promise(resolve => setTimeout(resolve, 20))
  }
})

test('a store that is not there at the start is used when it comes', { skip }, async () => {
  await using server = await startServer('redis')
  await server.stop()
  await using limits = await openLimits(server.url)
  assert.equal((await failure(limits.start())).code, 'unavailable')
  const limiter = limits.limiter('a', { limit: 1, per: '1h' })
  assert.equal((await limiter.take('a')).counted, false)
  await server.restart()
  while (!(await limiter.take('b')).counted) await new Promise(resolve => setTimeout(resolve, 20))
})
