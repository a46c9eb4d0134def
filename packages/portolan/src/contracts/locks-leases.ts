import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import { failure } from './failure.ts'
import { aborted, freshName, type LocksCase, member, stoppable } from './locks-kit.ts'

const dayMs = 24 * 60 * 60 * 1_000

/** How long a lock is held, and how its end is told. */
export const leaseCases: readonly LocksCase[] = [
  {
    name: 'renewal outlives the ttl',
    async run(harness) {
      await using one = await member(harness)
      const other = await harness.join()
      const name = freshName()
      await using lock = (await one.acquire(name, { ttl: '1500ms' }))!
      // Until the lease that was given first has surely ended.
      const began = systemClock.monotonic()
      while (systemClock.monotonic() - began < 3_000) {
        assert.equal((await other.acquire(name, 'b', 1_000, 0)).taken, false)
        await systemClock.sleep(50)
      }
      assert.equal(lock.held, true)
      assert.equal(lock.signal.aborted, false)
    },
  },
  {
    name: 'a lock whose holder was stopped is free after its ttl, and the holder is refused by the fence',
    async run(harness) {
      const clock = stoppable()
      await using one = await member(harness, clock)
      await using other = await member(harness)
      const name = freshName()
      const lock = (await one.acquire(name, { ttl: '200ms' }))!
      await harness.fence.pass(name, lock.token)
      clock.stop()
      const next = (await other.acquire(name, { wait: '60s' }))!
      assert.equal(lock.held, false, 'it knows by the clock, before any timer has fired')
      assert.ok(next.token > lock.token)
      await harness.fence.pass(name, next.token)
      assert.equal((await failure(harness.fence.pass(name, lock.token))).code, 'precondition_failed')
      await harness.fence.pass(name, next.token)

      clock.goOn()
      await aborted(lock.signal)
      assert.equal(lock.signal.reason.code, 'conflict')
      await lock.release()
      assert.equal(await one.acquire(name, { wait: 0 }), undefined, 'its late release frees nothing')
      assert.equal(next.held, true)
      await next.release()
    },
  },
  {
    name: 'work whose lock was lost is told so, and its result is not given out',
    async run(harness) {
      const clock = stoppable()
      await using locks = await member(harness, clock)
      const name = freshName()
      const error = await failure(
        locks.with(name, { ttl: '100ms' }, async ({ signal }) => {
          clock.stop()
          await systemClock.sleep(150)
          clock.goOn()
          await aborted(signal)
          return 'done'
        }),
      )
      assert.equal(error.code, 'conflict')
      assert.equal(error.details.lock, name)
    },
  },
  {
    name: 'the signal of the caller goes on to the work, which keeps the lock until it ends',
    async run(harness) {
      await using one = await member(harness)
      await using other = await member(harness)
      const name = freshName()
      const controller = new AbortController()
      const result = await one.with(name, { signal: controller.signal }, async ({ signal }) => {
        controller.abort('enough')
        await aborted(signal)
        assert.equal(signal.reason, 'enough')
        assert.equal(await other.acquire(name, { wait: 0 }), undefined)
        return 'cleaned up'
      })
      assert.equal(result, 'cleaned up')
    },
  },
  {
    name: 'nobody releases or renews the lock of another, or one that has run out',
    async run(harness) {
      const driver = await harness.join()
      const name = freshName()
      await driver.acquire(name, 'a', 30_000, 0)
      await driver.release(name, 'b')
      assert.equal(await driver.renew(name, 'b', 30_000), false)
      assert.equal((await driver.acquire(name, 'b', 30_000, 0)).taken, false)
      assert.equal(await driver.renew(name, 'a', 1), true)
      await systemClock.sleep(10)
      assert.equal(await driver.renew(name, 'a', 30_000), false, 'it has run out')
      assert.equal(await driver.renew(freshName(), 'a', 30_000), false)
      await driver.release(freshName(), 'a')
    },
  },
  {
    name: 'whoever takes the lock again because the answer was lost has it',
    async run(harness) {
      const driver = await harness.join()
      const name = freshName()
      const first = await driver.acquire(name, 'a', 30_000, 0)
      const again = await driver.acquire(name, 'a', 30_000, 500)
      assert.ok(first.taken && again.taken && again.token > first.token)
      await driver.release(name, 'a')
      assert.equal((await driver.acquire(name, 'b', 30_000, 0)).taken, true)
    },
  },
  {
    name: 'the clocks of the machines may differ by days',
    requires: 'ownClock',
    async run(harness) {
      const at = (days: number) => ({ ...systemClock, now: () => systemClock.now() + days * dayMs })
      await using late = await member(harness, at(-3))
      await using early = await member(harness, at(3))
      const name = freshName()
      const first = (await late.acquire(name))!
      assert.equal(await early.acquire(name, { wait: 0 }), undefined)
      await first.release()
      const second = (await early.acquire(name, { wait: 0 }))!
      assert.equal(await late.acquire(name, { wait: 0 }), undefined)
      await second.release()
      const third = (await late.acquire(name, { wait: 0 }))!
      assert.ok(first.token < second.token && second.token < third.token)
      await third.release()
    },
  },
  {
    name: 'stopping frees what is held and ends what waits',
    async run(harness) {
      const one = await member(harness)
      await using other = await member(harness)
      const name = freshName()
      const lock = (await one.acquire(name))!
      const waiting = failure(one.acquire(name, { wait: '60s' }))
      await Promise.all([one.stop(), one.stop()])
      assert.equal((await waiting).code, 'unavailable')
      assert.equal(lock.signal.aborted, true)
      assert.equal((await failure(one.acquire(name))).code, 'unavailable')
      const next = await other.acquire(name)
      assert.ok(next)
      await next.release()
    },
  },
]
