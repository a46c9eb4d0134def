import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createLimits, databaseLimits, type LimitOptions, memoryLimits } from 'portolan/limits'
import { openDatabase } from 'portolan/persistence'
import { movable } from './movable.ts'
import { options, steps } from './paths.ts'

test('a token bucket gives no more than its size and what flows in, a sliding window at most twice its limit', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, async ({ block: _, ...rule }, path) => {
      const clock = movable()
      const limiter = createLimits({ driver: memoryLimits({ clock }) }).limiter('a', rule)
      const taken: { at: number; cost: number }[] = []
      for (const [ms, cost] of path) {
        clock.move(ms)
        if (cost > rule.limit) continue
        const before = clock.now()
        const { allowed, retryAfterMs } = await limiter.take('key', cost)
        if (allowed) taken.push({ at: before, cost })
        else assert.ok(retryAfterMs > 0)
      }
      for (const [from, first] of taken.entries()) {
        let sum = 0
        for (const { at, cost } of taken.slice(from)) {
          sum += cost
          const elapsed = at - first.at
          const most =
            rule.algorithm === 'token_bucket'
              ? rule.limit * (1 + elapsed / rule.per)
              : rule.limit * 2 * (1 + Math.floor(elapsed / rule.per))
          assert.ok(sum <= most + 0.01, `${sum} within ${elapsed} ms, of ${most}`)
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('who waits as long as it is told is never refused then, if nobody else asks', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, async (rule, path) => {
      const clock = movable()
      const limiter = createLimits({ driver: memoryLimits({ clock }), clock }).limiter(
        'a',
        rule as LimitOptions,
      )
      for (const [ms, cost] of path) {
        clock.move(ms)
        if (cost > rule.limit) continue
        const { allowed, retryAfterMs } = await limiter.take('key', cost)
        if (allowed) continue
        clock.move(retryAfterMs + 1)
        assert.equal((await limiter.take('key', cost)).allowed, true)
      }
    }),
    { numRuns: 200 },
  )
})

test('the statement of a database decides as the memory does', async () => {
  await using database = await openDatabase('sqlite::memory:')
  let round = 0
  await fc.assert(
    fc.asyncProperty(options, steps, async (rule, path) => {
      const clock = movable()
      const drivers = [memoryLimits({ clock }), databaseLimits({ database, clock })]
      const limiters = drivers.map(driver =>
        createLimits({ driver, clock, timeout: '30s' }).limiter('a', {
          ...rule,
          whenDown: 'refuse',
        } as LimitOptions),
      )
      const key = String(round++)
      for (const [ms, cost] of path) {
        clock.move(ms)
        if (cost > rule.limit) continue
        const [inMemory, inDatabase] = await Promise.all(limiters.map(limiter => limiter.take(key, cost)))
        assert.deepEqual(inDatabase, inMemory)
      }
    }),
    { numRuns: 60 },
  )
})

test('a clock that is set back neither blocks for ever nor gives more than a full quota', async () => {
  for (const algorithm of ['token_bucket', 'sliding_window'] as const) {
    await using database = await openDatabase('sqlite::memory:')
    const clock = movable()
    const limits = createLimits({ driver: databaseLimits({ database, clock }), timeout: '30s' })
    const limiter = limits.limiter('a', { algorithm, limit: 5, per: '1m', whenDown: 'refuse' })
    for (let at = 0; at < 5; at++) await limiter.take('key')
    clock.move(-86_400_000)
    let allowed = 0
    for (let at = 0; at < 20; at++) if ((await limiter.take('key')).allowed) allowed++
    assert.ok(allowed <= 5)
    clock.move(120_000)
    assert.equal((await limiter.take('key')).allowed, true)
  }
})

test('the memory is bounded', async () => {
  const limiter = createLimits({ driver: memoryLimits({ maxKeys: 10 }) }).limiter('a', {
    limit: 1,
    per: '1h',
  })
  for (let key = 0; key < 11; key++) await limiter.take(String(key))
  assert.equal((await limiter.take('10')).allowed, false)
  assert.equal((await limiter.take('0')).allowed, true, 'the oldest was forgotten')
})
