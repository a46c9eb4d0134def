import assert from 'node:assert/strict'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { createRest, eventFeed, events, type HealthReport, text } from 'portolan/rest'
import { serve } from './harness.ts'

test('a port in use is an error that names it and says what to do', async () => {
  await using app = await serve(() => {})
  const port = Number(new URL(app.rest.url).port)
  const second = createRest({ title: 'Test', version: '1', port })
  await assert.rejects(
    async () => second.start(),
    error =>
      InfrastructureError.is(error, 'unavailable') &&
      error.message.includes(`Port ${port} on 127.0.0.1 is in use`) &&
      error.message.includes('set another port'),
  )
  await second.stop()
})

test('readiness follows the application, liveness does not, startup remembers', async () => {
  let report: HealthReport = {
    status: 'down',
    services: { database: { status: 'down', detail: 'starting' } },
  }
  await using app = await serve(() => {}, { health: () => report })
  assert.equal((await app.fetch('/health/live')).status, 200)
  assert.equal((await app.fetch('/health/startup')).status, 503)
  const down = await app.json('/health/ready')
  assert.deepEqual([down.status, down.body], [503, report])
  report = { status: 'degraded', services: {} }
  assert.equal((await app.fetch('/health/ready')).status, 200)
  report = { status: 'down' }
  assert.equal((await app.fetch('/health/ready')).status, 503)
  assert.equal((await app.fetch('/health/startup')).status, 200)
  assert.deepEqual(app.rest.health(), { status: 'up', detail: app.rest.url })
})

test('draining finishes what is in hand, ends event streams, and refuses new connections', async () => {
  const feed = eventFeed()
  const inHand = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/events', handler: () => events(feed.subscribe) })
    rest.raw({
      method: 'POST',
      path: '/slow',
      handler: async () => {
        begun.resolve()
        await inHand.promise
        return text('finished')
      },
    })
  })
  const agent = new Agent({ keepAlive: true })
  await answerOf(app.rest.url, agent)
  const stream = await app.fetch('/events')
  const slow = app.fetch('/slow', { method: 'POST' })
  await begun.promise
  const drained = app.rest.drain(AbortSignal.timeout(10_000))
  assert.equal(app.rest.health().status, 'down')
  assert.match(await stream.text(), /^retry/)
  await assert.rejects(async () => {
    // It closes some ticks after it was asked to.
    while (true) await newConnection(app.rest.url)
  })
  inHand.resolve()
  const response = await slow
  assert.equal(await response.text(), 'finished')
  assert.equal(response.headers.get('connection'), 'close')
  await drained
  agent.destroy()
})

test('readiness goes off before connections are refused, for as long as drainDelay says', async () => {
  await using app = await serve(() => {}, { drainDelay: '5s' })
  const limit = new AbortController()
  const drained = app.rest.drain(limit.signal)
  assert.equal((await app.fetch('/health/ready')).status, 503)
  assert.equal((await app.fetch('/health/live')).status, 200)
  limit.abort()
  await drained
})

test('when the time is up, what is still in hand is aborted and cut off', async () => {
  const begun = Promise.withResolvers<AbortSignal>()
  await using app = await serve(rest => {
    rest.raw({
      method: 'POST',
      path: '/endless',
      handler: ({ signal }) => {
        begun.resolve(signal)
        return new Promise(() => {})
      },
    })
  })
  const endless = app.fetch('/endless', { method: 'POST' })
  endless.catch(() => {})
  const signal = await begun.promise
  await app.rest.drain(AbortSignal.timeout(20))
  assert.equal(signal.aborted, true)
  await assert.rejects(endless)
  await app.rest.stop()
  await app.rest.stop()
})

test('the signal aborts when the client leaves', async () => {
  const left = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  await using app = await serve(rest => {
    rest.route({
      method: 'GET',
      path: '/wait',
      version: 1,
      summary: 'Wait',
      handler: async ({ signal }) => {
        signal.addEventListener('abort', () => left.resolve())
        begun.resolve()
        await left.promise
        return {}
      },
    })
  })
  const client = new AbortController()
  const request = app.fetch('/v1/wait', { signal: client.signal })
  await begun.promise
  client.abort()
  await assert.rejects(request)
  await left.promise
})

test('nothing can be declared once the server has started, and there is no address before', async () => {
  const rest = createRest({ title: 'Test', version: '1', port: 0 })
  assert.throws(() => rest.url, /start it first/)
  await rest.start()
  assert.throws(
    () => rest.raw({ method: 'GET', path: '/late', handler: () => text('') }),
    error =>
      InfrastructureError.is(error, 'invalid_argument') && /before the server starts/.test(error.message),
  )
  await rest.stop()
})

/** Opens a keep-alive connection and leaves it idle. */
function answerOf(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${url}/health/live`, { agent }, response => {
      response.resume().on('end', () => resolve(response))
    }).on('error', reject)
  })
}

/** Rejects while the server refuses connections. */
function newConnection(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname, () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })
}
