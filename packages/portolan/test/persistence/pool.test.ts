import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { surroundings, systemClock } from 'portolan/runtime'
import { ConnectionPool, type PoolSettings } from '../../src/persistence/server/pool/connection-pool.ts'

/** A connection that only knows its number, and what became of it. */
interface Numbered {
  readonly number: number
  state: 'open' | 'lost' | 'closed' | 'destroyed'
}

function poolOf(given: Partial<PoolSettings> = {}) {
  const made: Numbered[] = []
  let now = 0
  let refusal: Error | undefined
  const clock = { ...systemClock, monotonic: () => now }
  const pool = new ConnectionPool<Numbered>(
    {
      async open() {
        if (refusal) throw refusal
        const connection: Numbered = { number: made.length + 1, state: 'open' }
        made.push(connection)
        return connection
      },
      async close(connection) {
        connection.state = 'closed'
      },
      destroy(connection) {
        connection.state = 'destroyed'
      },
      isUsable: ({ state }) => state !== 'lost',
      async ping({ state }) {
        if (state !== 'open') throw new Error('dead')
      },
    },
    {
      ...{ name: 'test', max: 2, acquireTimeoutMs: 20, idleTimeoutMs: 30_000 },
      ...{ maxLifetimeMs: 1_000, checkAfterIdleMs: 100 },
      ...given,
    },
    surroundings({ clock, random: { next: () => 0 } as never }),
  )
  return {
    pool,
    made,
    pass: (ms: number) => {
      now += ms
    },
    refuse: (error: Error | undefined) => {
      refusal = error
    },
  }
}

test('connections are used again, the last one first, and no more than allowed are made', async () => {
  const { pool, made } = poolOf()
  const [one, two] = [await pool.acquire(), await pool.acquire()]
  pool.release(one)
  pool.release(two)
  assert.equal(await pool.acquire(), two)
  assert.equal(await pool.acquire(), one)
  assert.equal(made.length, 2)
})

test('those who wait get connections in their order; who waits too long is told what to do', async () => {
  const { pool } = poolOf({ max: 1, acquireTimeoutMs: 10_000 })
  const first = await pool.acquire()
  const order: string[] = []
  const waiting = ['a', 'b'].map(async name => {
    const connection = await pool.acquire()
    order.push(name)
    pool.release(connection)
  })
  pool.release(first)
  await Promise.all(waiting)
  assert.deepEqual(order, ['a', 'b'])

  const impatient = poolOf({ max: 1, acquireTimeoutMs: 5 })
  await impatient.pool.acquire()
  await assert.rejects(Promise.resolve(impatient.pool.acquire()), (error: InfrastructureError) => {
    assert.deepEqual([error.code, error.retry], ['resource_exhausted', 'later'])
    assert.match(error.message, /pool_max/)
    return true
  })
})

test('aborting ends the waiting, and leaves the place in the queue to others', async () => {
  const { pool } = poolOf({ max: 1, acquireTimeoutMs: 10_000 })
  const first = await pool.acquire()
  const controller = new AbortController()
  const given = Promise.resolve(pool.acquire(controller.signal))
  const next = Promise.resolve(pool.acquire())
  controller.abort()
  await assert.rejects(given, (error: unknown) => InfrastructureError.is(error, 'cancelled'))
  pool.release(first)
  assert.equal(await next, first)
})

test('what is lost, worn by age or dead on the line is replaced; a broken one is never lent again', async () => {
  const { pool, made, pass } = poolOf()
  const lost = await pool.acquire()
  lost.state = 'lost'
  pool.release(lost)
  assert.equal(lost.state, 'destroyed')

  const old = await pool.acquire()
  pass(1_000)
  pool.release(old)
  assert.equal(old.state, 'closed')

  const quiet = await pool.acquire()
  pool.release(quiet)
  pass(100)
  // Only asking shows that it is dead.
  quiet.state = 'closed'
  const fresh = await pool.acquire()
  assert.notEqual(fresh, quiet)
  pool.release(fresh, { broken: true })
  assert.equal(fresh.state, 'destroyed')
  assert.equal(made.length, 4)
})

test('an opening that fails tells its caller alone, and the next one may succeed', async () => {
  const { pool, refuse } = poolOf({ max: 1, acquireTimeoutMs: 10_000 })
  refuse(new Error('refused'))
  await assert.rejects(Promise.resolve(pool.acquire()), /refused/)
  refuse(undefined)
  const connection = await pool.acquire()
  const next = Promise.resolve(pool.acquire())
  pool.release(connection, { broken: true })
  assert.equal((await next).number, 2)
})

test('closing waits for what is lent, refuses those who wait, and is idempotent', async () => {
  const { pool } = poolOf({ max: 1, acquireTimeoutMs: 10_000 })
  const lent = await pool.acquire()
  const waiting = Promise.resolve(pool.acquire())
  const closing = pool.close()
  await assert.rejects(waiting, (error: unknown) => InfrastructureError.is(error, 'unavailable'))
  let closed = false
  closing.then(() => {
    closed = true
  })
  await Promise.resolve()
  assert.equal(closed, false)
  pool.release(lent)
  await closing
  await pool.close()
  assert.equal(lent.state, 'closed')
})
