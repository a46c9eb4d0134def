import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, type Health, InfrastructureError } from 'portolan'

/** Writes down what the composer does to it. */
function recorder(events: string[]) {
  return (name: string, failing: { start?: Error; drain?: Error; stop?: Error } = {}) => {
    events.push(`make ${name}`)
    const step = (phase: 'start' | 'drain' | 'stop') => async () => {
      events.push(`${phase} ${name}`)
      if (failing[phase]) throw failing[phase]
    }
    return { name, start: step('start'), drain: step('drain'), stop: step('stop') }
  }
}

test('makes and starts in order of declaration, drains all in reverse, then stops in reverse', async () => {
  const events: string[] = []
  const service = recorder(events)
  const app = await compose('shop')
    .add('database', () => service('database'))
    .add('jobs', async ({ database }) => ({ ...service('jobs'), uses: database.name }))
    .add('rest', ({ jobs }) => ({ ...service('rest'), uses: jobs.uses }))
    .start()

  assert.equal(app.services.rest.uses, 'database')
  await app.stop()
  assert.deepEqual(events, [
    'make database',
    'make jobs',
    'make rest',
    'start database',
    'start jobs',
    'start rest',
    'drain rest',
    'drain jobs',
    'drain database',
    'stop rest',
    'stop jobs',
    'stop database',
  ])
})

test('stop is idempotent and `await using` calls it', async () => {
  let stops = 0
  {
    await using app = await compose('shop')
      .add('database', () => ({ stop: () => void stops++ }))
      .start()
    await Promise.all([app.stop(), app.stop()])
  }
  assert.equal(stops, 1)
})

test('a service without stop is released by its dispose method', async () => {
  const released: string[] = []
  const app = await compose('shop')
    .add('sync', () => ({ [Symbol.dispose]: () => void released.push('sync') }))
    .add('async', () => ({ [Symbol.asyncDispose]: async () => void released.push('async') }))
    .add('both', () => ({
      stop: () => void released.push('stop'),
      [Symbol.asyncDispose]: async () => void released.push('never'),
    }))
    .start()
  await app.stop()
  assert.deepEqual(released, ['stop', 'async', 'sync'])
})

test('an object under two names is started and stopped once', async () => {
  const events: string[] = []
  const service = recorder(events)
  const app = await compose('shop')
    .add('database', () => service('database'))
    .add('unitOfWork', ({ database }) => database)
    .start()
  await app.stop()
  assert.deepEqual(events, ['make database', 'start database', 'drain database', 'stop database'])
})

test('overrides replace a service, reach those that use it, and are neither started nor stopped', async () => {
  const events: string[] = []
  const service = recorder(events)
  const shop = compose('shop')
    .add('database', () => service('database'))
    .add('unitOfWork', ({ database }) => database)
    .add('greeting', ({ database }) => `from ${database.name}`)
  const mine = recorder([])('mine')
  const app = await shop.start({
    database: { ...mine, start: () => assert.fail(), stop: () => assert.fail() },
  })
  assert.equal(app.services.greeting, 'from mine')
  await app.stop()
  assert.deepEqual(events, [])
})

test('an override of a service that does not exist is refused', async () => {
  const shop = compose('shop').add('payments', () => 1)
  // @ts-expect-error there is no such service
  await assert.rejects(shop.start({ payment: 2 }), {
    code: 'invalid_argument',
    message: "shop: there is no service 'payment' to override. Did you mean 'payments'? There are: payments.",
  })
})

test('a factory that fails releases what was opened, in reverse, and is named', async () => {
  const events: string[] = []
  const service = recorder(events)
  const cause = new InfrastructureError('unavailable', 'Nobody listens on port 5432.', {
    retry: 'later',
    retryAfterMs: 50,
  })
  const shop = compose('shop')
    .add('files', () => service('files'))
    .add('cache', () => service('cache'))
    .add('database', (): { name: string } => {
      throw cause
    })
  await assert.rejects(shop.start(), (error: InfrastructureError) => {
    assert.equal(error.message, "shop could not start: 'database': Nobody listens on port 5432.")
    assert.equal(error.code, 'unavailable')
    assert.equal(error.retryAfterMs, 50)
    assert.deepEqual(error.details, { service: 'database', phase: 'make' })
    assert.equal(error.cause, cause)
    return true
  })
  assert.deepEqual(events, ['make files', 'make cache', 'stop cache', 'stop files'])
})

test('a failed start drains what was started and stops everything', async () => {
  const events: string[] = []
  const service = recorder(events)
  const shop = compose('shop')
    .add('database', () => service('database'))
    .add('jobs', () => service('jobs', { start: new Error('no table') }))
    .add('rest', () => service('rest'))
  await assert.rejects(shop.start(), { message: "shop could not start: 'jobs': no table", code: 'internal' })
  assert.deepEqual(events.slice(3), [
    'start database',
    'start jobs',
    'drain database',
    'stop rest',
    'stop jobs',
    'stop database',
  ])
})

test('an aborted start makes no further service and releases the rest', async () => {
  const events: string[] = []
  const service = recorder(events)
  const controller = new AbortController()
  const shop = compose('shop')
    .add('database', () => service('database'))
    .add('jobs', () => controller.abort())
    .add('rest', () => service('rest'))
  await assert.rejects(shop.start({}, { signal: controller.signal }), { code: 'cancelled' })
  assert.deepEqual(events, ['make database', 'stop database'])
})

test('services that fail to stop are named after all have been stopped', async () => {
  const events: string[] = []
  const service = recorder(events)
  const logged: unknown[] = []
  const app = await compose('shop')
    .add('database', () => service('database'))
    .add('jobs', () => service('jobs', { drain: new Error('a job is stuck'), stop: new Error('port gone') }))
    .add('mail', () => ({
      stop() {
        throw new Error('at once')
      },
    }))
    .start({}, { logger: { ...silent, error: (_, fields) => void logged.push(fields?.service) } })
  await assert.rejects(app.stop(), {
    code: 'internal',
    message:
      "shop did not stop cleanly: 'jobs' could not drain: a job is stuck; 'mail' could not stop: at once; 'jobs' could not stop: port gone",
  })
  assert.deepEqual(events.slice(-3), ['drain database', 'stop jobs', 'stop database'])
  assert.deepEqual(logged, ['jobs', 'mail', 'jobs'])
})

test('a service that never ends is named, its signal aborted, and the rest still stops', async () => {
  const events: string[] = []
  const service = recorder(events)
  let signal: AbortSignal | undefined
  const app = await compose('shop')
    .add('database', () => service('database'))
    .add('jobs', () => ({
      drain(given: AbortSignal) {
        signal = given
        return new Promise<void>(() => {})
      },
      stop: () => new Promise<void>(() => {}),
    }))
    .start({}, { stopTimeout: '30ms' })
  await assert.rejects(app.stop(), (error: InfrastructureError) => {
    assert.equal(error.code, 'deadline_exceeded')
    assert.match(error.message, /'jobs' could not drain: .*; 'jobs' could not stop: /)
    assert.deepEqual(error.details, { services: ['jobs'] })
    return true
  })
  assert.equal(signal?.aborted, true)
  assert.deepEqual(events.slice(-2), ['drain database', 'stop database'])
})

test('health tells each service, the worst overall, and that the application stops', async () => {
  let status: Health['status'] = 'up'
  const app = await compose('shop')
    .add('database', () => ({ health: () => ({ status }) }))
    .add('broker', () => ({
      health: async (): Promise<Health> => {
        throw new Error('connection refused')
      },
    }))
    .add('slow', () => ({ health: () => new Promise<Health>(() => {}) }))
    .add('plain', () => ({}))
    .start({ broker: { health: async () => ({ status: 'degraded', detail: 'slow' }) } }, { healthTimeout: 5 })
  const health = await app.health()
  assert.equal(health.status, 'down')
  assert.deepEqual(Object.keys(health.services), ['database', 'broker', 'slow'])
  assert.equal(health.services.database?.status, 'up')
  assert.equal(typeof health.services.database?.latencyMs, 'number')
  assert.equal(health.services.broker?.detail, 'slow')
  assert.equal(health.services.slow?.detail, 'No answer within 5 ms.')

  status = 'degraded'
  await app.stop()
  assert.equal((await app.health()).detail, 'The application is stopping.')
})

test('a name that is not there is a clear error, for users without types too', async () => {
  const shop = compose('shop')
    .add('database', () => 1)
    // @ts-expect-error misspelt
    .add('carts', ({ databse }) => databse)
  await assert.rejects(shop.start(), {
    code: 'invalid_argument',
    message:
      "shop could not start: 'carts': It asks for 'databse', which is not there. Did you mean 'database'? There are: database.",
  })
  const early = compose('shop')
    // @ts-expect-error used before it is added
    .add('carts', ({ database }) => database)
    .add('database', () => 1)
  await assert.rejects(early.start(), /'database', which is not there\. It is added later; move it up\./)
})

test('adding a name twice is an error of the compiler and at run time', () => {
  const shop = compose('shop').add('database', () => 1)
  // @ts-expect-error added twice
  assert.throws(() => shop.add('database', () => 2), { code: 'invalid_argument' })
})

test('composers are immutable', async () => {
  const base = compose('shop').add('one', () => 1)
  base.add('two', () => 2)
  const app = await base.start()
  assert.deepEqual({ ...app.services }, { one: 1 })
  assert.throws(() => Object.assign(app.services, { one: 2 }), TypeError)
})

test('types are inferred: async factories are awaited, overrides are checked', async () => {
  const shop = compose('shop')
    .add('port', async () => 8080)
    .add('address', ({ port }) => `http://localhost:${port.toFixed()}`)
  const app = await shop.start({ port: 1 })
  const address: string = app.services.address
  assert.equal(address, 'http://localhost:1')
  // @ts-expect-error a port is a number
  const wrong = () => shop.start({ port: '1' })
  // @ts-expect-error there is no such service
  const missing = () => app.services.database
  assert.equal(typeof wrong, typeof missing)
})

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent }
