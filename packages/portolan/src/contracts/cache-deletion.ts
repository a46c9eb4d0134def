import assert from 'node:assert/strict'
import { type CacheCase, counting, held } from './cache-kit.ts'
import { failure } from './failure.ts'

export const deletionCases: readonly CacheCase[] = [
  {
    name: 'a tag deletes all that has it, and nothing else; what comes later is kept',
    async run(harness) {
      const cache = await harness.join()
      await cache.set('a', 1, { tags: ['x', 'y'] })
      await cache.set('b', 1, { tags: ['y', 'ü:*'] })
      await cache.set('c', 1, { tags: ['z'] })
      await cache.set('d', 1)
      await cache.deleteByTag('x', 'nobody')
      assert.deepEqual(await there('abcd'), 'bcd')
      await cache.set('a', 2, { tags: ['x'] })
      await cache.deleteByTag('ü:*')
      assert.deepEqual(await there('abcd'), 'acd')
      await cache.deleteByTag('y')
      assert.deepEqual(await there('abcd'), 'acd')
      await cache.clear()
      assert.deepEqual(await there('abcd'), '')
      await cache.set('a', 3, { tags: ['x'] })
      assert.equal(await cache.get('a'), 3)
      assert.equal((await failure(cache.set('a', 1, { tags: [''] }))).code, 'invalid_argument')

      async function there(keys: string): Promise<string> {
        const found = await Promise.all([...keys].map(async key => ((await cache.has(key)) ? key : '')))
        return found.join('')
      }
    },
  },
  {
    name: 'what is stale is deleted, too',
    async run(harness) {
      const cache = await harness.join()
      const fails = () => Promise.reject(new Error('down'))
      for (const remove of [() => cache.delete('a'), () => cache.deleteByTag('t'), () => cache.clear()]) {
        await cache.set('a', 'old', { ttl: 0, staleFor: '1h', tags: ['t'] })
        assert.equal(await cache.getOrSet('a', fails, { tags: ['t'], throttle: 0 }), 'old')
        await remove()
        await assert.rejects(cache.getOrSet('a', fails, { tags: ['t'] }), /down/)
      }
    },
  },
  {
    name: 'what is being loaded while it is changed or deleted goes to who waits, and is not kept',
    async run(harness) {
      const cache = await harness.join()
      const changes = [
        () => cache.delete('a'),
        () => cache.set('a', 'set'),
        () => cache.deleteByTag('t'),
        () => cache.clear(),
      ]
      for (const change of changes) {
        await cache.delete('a')
        const slow = held<string>()
        const asked = cache.getOrSet('a', slow.load, { tags: ['t'] })
        await slow.begun
        await change()
        const again = cache.getOrSet('a', async () => 'loaded after', { tags: ['t'] })
        slow.resolve('loaded before')
        assert.equal(await asked, 'loaded before')
        const after = change === changes[1] ? 'set' : 'loaded after'
        assert.deepEqual([await again, await cache.get('a')], [after, after])
      }
    },
  },
  {
    name: 'ten thousand deletions by tag forget nothing that was deleted',
    async run(harness) {
      const cache = await harness.join()
      await cache.set('first', 1, { tags: ['t-first'] })
      await cache.deleteByTag('t-first')
      await cache.deleteByTag(...Array.from({ length: 10_050 }, (_, at) => `t${at}`))
      assert.equal(await cache.has('first'), false)
      await cache.set('new', 1, { tags: ['t-first', 't5'] })
      assert.equal(await cache.get('new'), 1)
    },
  },
  {
    name: 'namespaces do not see each other, and are cleared with what they are in',
    async run(harness) {
      const cache = await harness.join()
      const shop = cache.namespace('shop')
      const inner = shop.namespace('eu')
      const all = [cache, shop, inner, cache.namespace('shop2'), cache.namespace('eu')]
      for (const [at, each] of all.entries()) await each.set('a', at, { tags: ['t'] })
      assert.deepEqual(await values(), [0, 1, 2, 3, 4])
      await shop.delete('a')
      assert.deepEqual(await values(), [0, undefined, 2, 3, 4])
      await inner.deleteByTag('t')
      assert.deepEqual(await values(), [0, undefined, undefined, 3, 4])
      await inner.set('a', 2)
      await shop.clear()
      assert.deepEqual(await values(), [0, undefined, undefined, 3, 4])
      await cache.clear()
      assert.deepEqual(await values(), Array(5).fill(undefined))
      assert.equal(cache.namespace('shop'), shop)
      for (const name of ['', 'a:b', 'a/b', 'ä', 'x'.repeat(61)])
        assert.throws(() => cache.namespace(name), /namespace/)

      function values() {
        return Promise.all(all.map(each => each.get('a')))
      }
    },
  },
  {
    name: 'a thousand callers of a cold key run one load; so do those of a key that has run out',
    async run(harness) {
      const cache = await harness.join()
      const gate = Promise.withResolvers<void>()
      const load = counting(gate.promise)
      const asked = Array.from({ length: 1_000 }, () => cache.getOrSet('a', load, { tags: ['t'] }))
      gate.resolve()
      assert.deepEqual(new Set(await Promise.all(asked)), new Set([1]))
      assert.equal(load.calls, 1)
      await cache.set('b', 0, { ttl: 0, staleFor: '1h' })
      const again = await Promise.all(Array.from({ length: 1_000 }, () => cache.getOrSet('b', load)))
      assert.deepEqual([new Set(again), load.calls], [new Set([2]), 2])
      const fails = Array.from({ length: 1_000 }, () =>
        cache.getOrSet('c', () => Promise.reject(new Error('down'))),
      )
      const outcomes = await Promise.allSettled(fails)
      assert.ok(outcomes.every(({ status }) => status === 'rejected'))
    },
  },
  {
    name: 'who gives up waiting leaves the load to the others',
    async run(harness) {
      const cache = await harness.join()
      const slow = held<string>()
      const giveUp = new AbortController()
      const left = failure(cache.getOrSet('a', slow.load, { signal: giveUp.signal }))
      const stays = cache.getOrSet('a', slow.load)
      const signal = await slow.begun
      giveUp.abort()
      assert.equal((await left).code, 'cancelled')
      assert.equal(signal.aborted, false)
      slow.resolve('loaded')
      assert.equal(await stays, 'loaded')
      const early = cache.getOrSet('b', () => assert.fail('loaded'), { signal: AbortSignal.abort() })
      assert.equal((await failure(early)).code, 'cancelled')
    },
  },
  {
    name: 'stopped while it loads: the load is cancelled, who waits is told, and nothing is kept',
    async run(harness) {
      const cache = await harness.join()
      const slow = held<string>()
      const asked = failure(cache.getOrSet('a', slow.load, { staleFor: '1h' }))
      const signal = await slow.begun
      await Promise.all([cache.stop(), cache.stop()])
      assert.equal((await asked).code, 'unavailable')
      assert.equal(signal.aborted, true)
      slow.resolve('too late')
      for (const call of [cache.get('a'), cache.set('a', 1), cache.delete('a'), cache.getOrSet('a', () => 1)])
        assert.equal((await failure(call)).code, 'unavailable')
    },
  },
]
