import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import { failure } from './failure.ts'
import { freshName, type LocksCase, member } from './locks-kit.ts'
import { oddTexts } from './odd-texts.ts'

/** Who may hold a lock, and in which order. */
export const exclusionCases: readonly LocksCase[] = [
  {
    name: 'of many contenders one wins',
    async run(harness) {
      await using one = await member(harness)
      await using other = await member(harness)
      const name = freshName()
      const tries = Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).acquire(name, { wait: 0 }))
      const locks = (await Promise.all(tries)).filter(lock => lock !== undefined)
      assert.equal(locks.length, 1)
      assert.equal(locks[0]!.held, true)
    },
  },
  {
    name: 'one works at a time, and each has a higher token than those before',
    async run(harness) {
      await using one = await member(harness)
      await using other = await member(harness)
      const name = freshName()
      const tokens: number[] = []
      let working = 0
      const work = async ({ token }: { token: number }) => {
        assert.equal(++working, 1)
        tokens.push(token)
        await systemClock.sleep(1)
        working--
      }
      const all = Array.from({ length: 12 }, (_, at) =>
        (at % 2 ? one : other).with(name, { wait: '60s' }, work),
      )
      await Promise.all(all)
      assert.equal(tokens.length, 12)
      assert.deepEqual(
        tokens,
        [...new Set(tokens)].sort((a, b) => a - b),
      )
    },
  },
  {
    name: 'with gives the result, and releases also after a failure',
    async run(harness) {
      await using locks = await member(harness)
      const name = freshName()
      assert.equal(await locks.with(name, () => 42), 42)
      await assert.rejects(
        locks.with(name, () => Promise.reject(new Error('broken'))),
        /broken/,
      )
      assert.equal(await locks.with(name, { wait: 0 }, () => 43), 43)
    },
  },
  {
    name: 'waiting ends with its limit, and says for which lock',
    async run(harness) {
      await using one = await member(harness)
      await using other = await member(harness)
      const name = freshName()
      await using lock = (await one.acquire(name))!
      assert.equal(await other.acquire(name, { wait: 0 }), undefined)
      assert.equal(await other.acquire(name, { wait: '30ms' }), undefined)
      assert.equal(await one.acquire(name, { wait: '30ms' }), undefined, 'not re-entrant')
      const error = await failure(other.with(name, { wait: '10ms' }, () => assert.fail('It ran.')))
      assert.equal(error.code, 'deadline_exceeded')
      assert.equal(error.details.lock, name)
      assert.equal(lock.held, true)
    },
  },
  {
    name: 'in one process, who came first comes first',
    async run(harness) {
      await using locks = await member(harness)
      const name = freshName()
      const order: number[] = []
      const first = (await locks.acquire(name))!
      const waiting = [1, 2, 3, 4, 5].map(at =>
        locks.with(name, () => {
          order.push(at)
        }),
      )
      await first.release()
      await Promise.all(waiting)
      assert.deepEqual(order, [1, 2, 3, 4, 5])
    },
  },
  {
    name: 'a process that waits is not passed over by the one that holds it',
    async run(harness) {
      const [one, other] = [await harness.join(), await harness.join()]
      const name = freshName()
      assert.equal((await one.acquire(name, 'a1', 30_000, 0)).taken, true)
      assert.equal((await other.acquire(name, 'b', 30_000, 30_000)).taken, false)
      await one.release(name, 'a1')
      assert.equal(
        (await one.acquire(name, 'a2', 30_000, 30_000)).taken,
        false,
        'free, and kept for the heir',
      )
      assert.equal((await other.acquire(name, 'b', 30_000, 30_000)).taken, true)
      await other.release(name, 'b')
      assert.equal((await one.acquire(name, 'a2', 30_000, 30_000)).taken, true)
    },
  },
  {
    name: 'an heir that does not come is not waited for for ever',
    async run(harness) {
      const driver = await harness.join()
      const name = freshName()
      await driver.acquire(name, 'a', 30_000, 0)
      await driver.acquire(name, 'dead', 30_000, 1)
      await driver.release(name, 'a')
      await systemClock.sleep(5)
      assert.equal((await driver.acquire(name, 'c', 30_000, 0)).taken, true)
    },
  },
  {
    name: 'giving up to wait leaves nothing behind',
    async run(harness) {
      await using one = await member(harness)
      await using other = await member(harness)
      await using third = await member(harness)
      const name = freshName()
      const lock = (await one.acquire(name))!
      const controller = new AbortController()
      const waiting = failure(other.acquire(name, { wait: '60s', signal: controller.signal }))
      await systemClock.sleep(20)
      controller.abort()
      assert.equal((await waiting).code, 'cancelled')
      // What was under way when it gave up has been tidied up by then.
      await other.stop()
      await lock.release()
      const next = (await one.acquire(name))!
      await next.release()
      const last = await third.acquire(name, { wait: 0 })
      assert.ok(last, 'neither held nor kept for anybody')
      await last.release()
    },
  },
  {
    name: 'names of any characters and length are told apart',
    async run(harness) {
      await using locks = await member(harness)
      const base = freshName()
      const names = oddTexts.map(end => base + end)
      const held = await Promise.all(names.map(name => locks.acquire(name, { wait: 0 })))
      assert.deepEqual(
        names.filter((_, at) => !held[at]),
        [],
      )
      for (const name of names) assert.equal(await locks.acquire(name, { wait: 0 }), undefined)
    },
  },
  {
    name: 'what makes no sense is refused',
    async run(harness) {
      await using locks = await member(harness)
      for (const ttl of [0, 10, -1, Number.NaN]) {
        assert.equal((await failure(locks.with(freshName(), { ttl }, () => {}))).code, 'invalid_argument')
      }
      assert.equal((await failure(locks.with('', () => {}))).code, 'invalid_argument')
    },
  },
]
