import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createLimits, type LimitDriver, memoryLimits } from 'portolan/limits'
import { movable } from './movable.ts'
import { options, steps } from './paths.ts'

/** A driver that several processes share, and how often it was asked. */
function shared(driver: LimitDriver) {
  const asked = { takes: 0 }
  const counting: LimitDriver = {
    ...driver,
    capabilities: { ...driver.capabilities, shared: true },
    take(key, rule, cost) {
      asked.takes++
      return driver.take(key, rule, cost)
    },
  }
  return { driver: counting, asked }
}

test('what is refused without asking the store is what the store refuses', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, async (rule, path) => {
      const clock = movable()
      const limiters = [shared(memoryLimits({ clock })).driver, memoryLimits({ clock })].map(driver =>
        createLimits({ driver, clock }).limiter('a', rule),
      )
      for (const [ms, cost] of path) {
        clock.move(ms / 10)
        if (cost > rule.limit) continue
        const [remembered, asked] = await Promise.all(limiters.map(limiter => limiter.take('key', cost)))
        assert.deepEqual(remembered, asked)
      }
    }),
    { numRuns: 200 },
  )
})

test('who goes on asking costs the store one question a second', async () => {
  const clock = movable()
  const { driver, asked } = shared(memoryLimits({ clock }))
  const limiter = createLimits({ driver, clock }).limiter('a', { limit: 5, per: '1h' })
  for (let at = 0; at < 5; at++) assert.equal((await limiter.take('key')).allowed, true)
  for (let ms = 0; ms < 3_000; ms += 10) {
    assert.equal((await limiter.take('key')).allowed, false)
    clock.move(10)
  }
  assert.equal(asked.takes, 5 + 3)
})

test('who was forgiven in this process is allowed at once, elsewhere within a second', async () => {
  const clock = movable()
  const { driver } = shared(memoryLimits({ clock }))
  const [here, there] = [1, 2].map(() =>
    createLimits({ driver, clock }).limiter('a', { limit: 1, per: '1h' }),
  )
  assert.equal((await here!.take('key')).allowed, true)
  assert.equal((await here!.take('key')).allowed, false)
  assert.equal((await there!.take('key')).allowed, false)
  await here!.forgive('key')
  clock.move(1_000)
  assert.equal((await there!.take('key')).allowed, true)
  await there!.forgive('key')
  assert.equal((await there!.take('key')).allowed, true)
})
