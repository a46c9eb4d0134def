import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bearer, header, httpClient, undiciTransport } from '../../src/network/index.ts'
import { InfrastructureError } from '../../src/ports/errors.ts'
import { loadClient } from '../../src/runtime/clients.ts'
import { Redacted } from '../../src/runtime/redacted.ts'
import { openFixture } from './fixture.ts'

const isInvalid = (error: unknown) => InfrastructureError.is(error, 'invalid_argument')

describe('httpClient', () => {
  test('refuses base addresses that are none, or hold credentials, without showing them', () => {
    for (const baseUrl of [
      'api.example.com',
      'ftp://example.com',
      'https://ann:canary@example.com',
      'https://example.com/?key=canary',
      'https://example.com/#canary',
    ])
      assert.throws(
        () => httpClient({ baseUrl }),
        error => isInvalid(error) && !String(error).includes('canary'),
        baseUrl,
      )
  })

  test('refuses a credential that would break the request apart, without showing it', async () => {
    await using server = await openFixture()
    const { baseUrl } = server
    for (const auth of [bearer('canary\n'), header('X-Key', new Redacted('canary\r\nx: y')), bearer('')]) {
      await using client = httpClient({ baseUrl, auth })
      const error = await client.get('/echo').catch((thrown: unknown) => thrown)
      assert.ok(isInvalid(error) && !String(error).includes('canary'))
    }
    assert.equal(server.count('/echo'), 0)
  })

  test('refuses a body that is no JSON', async () => {
    await using client = httpClient({ baseUrl: 'http://localhost:1' })
    await assert.rejects(client.post('/', { body: { units: 1n } }), isInvalid)
  })

  test('refuses a timeout that is none', () => {
    // @ts-expect-error a duration has a unit
    assert.throws(() => httpClient({ baseUrl: 'http://localhost', timeout: 'soon' }), isInvalid)
  })

  test('picks a transport by itself, and reuses its connections', async () => {
    await using server = await openFixture()
    await using client = httpClient({ baseUrl: server.baseUrl })
    for (let n = 0; n < 20; n++) await client.get('/echo')
    assert.equal(server.count('/echo'), 20)
    // An answer is here a moment before undici takes its connection for free, so that there may be a second.
    assert.ok(server.connections() <= 2)
  })

  test('waits for what is in flight when it closes, then refuses', async () => {
    await using server = await openFixture()
    const client = httpClient({ baseUrl: server.baseUrl, transport: undiciTransport() })
    await client.close()
    const transport = undiciTransport()
    const other = httpClient({ baseUrl: server.baseUrl, transport, retry: { attempts: 1 } })
    const call = other.get<{ path: string }>('/echo')
    while (server.count('/echo') === 0) await sleep(1)
    await transport.close()
    assert.equal((await call).path, '/echo')
    await assert.rejects(other.get('/echo'), error => InfrastructureError.is(error, 'unavailable'))
  })

  test('queues calls beyond its connections, and gives up those whose time is over without sending them', async () => {
    await using server = await openFixture()
    const transport = undiciTransport({ connections: 1 })
    const client = httpClient({ baseUrl: server.baseUrl, transport, retry: { attempts: 1 } })
    const caller = new AbortController()
    const first = client.get('/hang', { signal: caller.signal }).catch((error: unknown) => error)
    while (server.count('/hang') === 0) await sleep(1)
    const error = await client.post('/echo', { body: {}, timeout: 30 }).catch((thrown: unknown) => thrown)
    assert.ok(InfrastructureError.is(error, 'deadline_exceeded'))
    assert.equal(error.details.outcome, 'not_sent')
    caller.abort()
    await first
    await client.get('/empty')
    assert.equal(server.count('/echo'), 0)
    await transport.close()
  })
})

describe('loadClient', () => {
  test('says what to install', async () => {
    await assert.rejects(
      // As Node reports a package that is not there.
      loadClient('undici', () => Promise.reject(notFound("Cannot find package 'undici' imported from x"))),
      /npm install 'undici@\^8/,
    )
  })

  test('does not take the failure of a dependency for its own absence', async () => {
    const error = notFound("Cannot find package 'something-else' imported from undici/index.js")
    await assert.rejects(
      loadClient('undici', () => Promise.reject(error)),
      error,
    )
  })
})

function notFound(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' })
}
