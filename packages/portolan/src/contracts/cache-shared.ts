import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import { type CacheCase, counting, everything, held, money, until } from './cache-kit.ts'

const requires = 'shared'

/** Of several processes. */
export const sharedCases: readonly CacheCase[] = [
  {
    name: 'what one process has kept, another one finds, of the same type',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join({ types: [money] }), await harness.join({ types: [money] })]
      await one.set('set', everything(), { ttl: '1h' })
      await one.getOrSet('loaded', everything)
      assert.deepStrictEqual(await other.get('set'), everything())
      assert.deepStrictEqual(await other.getOrSet('loaded', () => assert.fail('loaded')), everything())
      await one.set('ever', 1, { ttl: 'forever' })
      assert.equal(await other.get('ever'), 1)
      await one.namespace('a').set('k', 1)
      assert.equal(await other.namespace('a').get('k'), 1)
      assert.equal(await other.get('k'), undefined)
    },
  },
  {
    name: 'large values are kept compressed',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join({ compressOver: 1_000 }), await harness.join()]
      const large = { text: 'ab'.repeat(100_000), at: new Date(5) }
      await one.set('large', large)
      assert.deepStrictEqual(await other.get('large'), large)
    },
  },
  {
    name: 'a change in one process is seen by another that had it in memory',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join(), await harness.join()]
      const changes = [
        () => one.set('a', 'new', { tags: ['t'] }),
        () => one.delete('a'),
        () => one.deleteByTag('t'),
        () => one.clear(),
      ]
      for (const change of changes) {
        await one.set('a', 'old', { tags: ['t'] })
        await until(async () => (await other.get('a')) === 'old')
        await change()
        await until(async () => (await other.get('a')) !== 'old')
        assert.equal(await other.get('a'), change === changes[0] ? 'new' : undefined)
      }
    },
  },
  {
    name: 'what has run out in one process stands in for a load in another',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join(), await harness.join()]
      await one.set('a', 'old', { ttl: 0, staleFor: '1h' })
      assert.equal(await other.get('a'), undefined)
      const down = () => Promise.reject(new Error('down'))
      assert.equal(await other.getOrSet('a', down, { staleFor: '1h' }), 'old')
    },
  },
  {
    name: 'of all that ask in all processes, one loads',
    requires,
    async run(harness) {
      const caches = [await harness.join(), await harness.join(), await harness.join()]
      for (const key of ['a', 'b', 'c']) {
        const slow = held<string>()
        const asked = caches.flatMap(cache =>
          Array.from({ length: 20 }, () => cache.getOrSet(key, slow.load)),
        )
        await slow.begun
        // The others have time to begin as well, if anything lets them.
        await systemClock.sleep(30)
        slow.resolve(key)
        assert.deepEqual(new Set(await Promise.all(asked)), new Set([key]))
        assert.equal(slow.calls, 1)
      }
    },
  },
  {
    name: 'a load that goes on holds up no other key, in no process',
    requires,
    async run(harness) {
      const caches = [await harness.join(), await harness.join()]
      const slow = held<string>()
      const asked = caches.map(cache => cache.getOrSet('a', slow.load))
      await slow.begun
      for (const cache of caches)
        for (const key of ['b', 'c']) assert.equal(await cache.getOrSet(key, () => key), key)
      slow.resolve('a')
      assert.deepEqual(await Promise.all(asked), ['a', 'a'])
    },
  },
  {
    name: 'a process whose load fails or is cancelled lets others load',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join(), await harness.join()]
      for (const end of ['fails', 'hangs'] as const) {
        const slow = held<string>()
        const asked = one
          .getOrSet(end, slow.load, { hardTimeout: end === 'hangs' ? 50 : '1h' })
          .catch(() => 'failed')
        await slow.begun
        const waits = other.getOrSet(end, async () => 'loaded', { hardTimeout: '1h' })
        if (end === 'fails') slow.reject(new Error('down'))
        assert.deepEqual([await asked, await waits], ['failed', 'loaded'])
        slow.reject(new Error('ended'))
      }
    },
  },
  {
    name: 'a load that another process has overtaken by a change is not kept anywhere',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join(), await harness.join()]
      const changes = [
        () => other.delete('a'),
        () => other.set('a', 'set', { tags: ['t'] }),
        () => other.deleteByTag('t'),
        () => other.clear(),
      ]
      for (const change of changes) {
        await other.clear()
        await until(async () => !(await one.has('a')))
        const slow = held<string>()
        const asked = one.getOrSet('a', slow.load, { tags: ['t'] })
        await slow.begun
        await change()
        slow.resolve('loaded before')
        assert.equal(await asked, 'loaded before')
        const third = await harness.join()
        assert.equal(await third.get('a'), change === changes[1] ? 'set' : undefined)
        await until(async () => (await one.get('a')) !== 'loaded before')
      }
    },
  },
  {
    name: 'what is about to run out is loaded anew by one process, and the others take that',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join(), await harness.join()]
      await one.getOrSet('a', () => 'old', { ttl: '1h', eagerRefresh: 0 })
      const load = counting()
      const options = { ttl: '3h', eagerRefresh: 0.9, throttle: 1 } as const
      const ask = (cache: typeof one) => cache.getOrSet<unknown>('a', load, options)
      assert.equal(await ask(other), 'old')
      await until(async () => (await ask(other)) === 1)
      await until(async () => (await ask(one)) === 1)
      assert.equal(load.calls, 1)
    },
  },
  {
    name: 'entries of another version of the application are not read',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join({ version: '1' }), await harness.join({ version: '2' })]
      await one.set('a', 'of 1')
      assert.equal(await other.get('a'), undefined)
      assert.equal(other.stats().outdated, 1)
      assert.equal(await other.getOrSet('a', () => 'of 2'), 'of 2')
    },
  },
  {
    name: 'a class that a process does not know makes a miss, and is counted',
    requires,
    async run(harness) {
      const [one, other] = [await harness.join({ types: [money] }), await harness.join()]
      await one.set('a', everything().price)
      assert.equal(await other.getOrSet('a', () => 'loaded'), 'loaded')
      assert.equal(other.stats().corrupt > 0, true)
    },
  },
]
