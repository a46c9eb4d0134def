import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import { type CacheCase, counting, expired, held, until } from './cache-kit.ts'
import { failure } from './failure.ts'

export const timeCases: readonly CacheCase[] = [
  {
    name: 'a time to live of nothing, of a moment, and of ever',
    async run(harness) {
      const cache = await harness.join()
      await cache.set('none', 1, { ttl: 0 })
      assert.equal(await cache.has('none'), false)
      await cache.set('moment', 1, { ttl: 1 })
      await expired(cache, 'moment')
      assert.equal(await cache.getOrSet('moment', () => 2), 2)
      await cache.set('ever', 1, { ttl: 'forever' })
      assert.equal(await cache.get('ever'), 1)
      for (const ttl of [-1, Number.NaN, '1 h' as '1h'])
        assert.equal((await failure(cache.set('a', 1, { ttl }))).code, 'invalid_argument')
    },
  },
  {
    name: 'it does not depend on the time of day, which may be set',
    async run(harness) {
      let setBack = 0
      const clock = { ...systemClock, now: () => systemClock.now() - setBack }
      const cache = await harness.join({ clock })
      await cache.set('long', 1, { ttl: '1h' })
      await cache.set('short', 1, { ttl: 1 })
      setBack = 86_400_000
      await expired(cache, 'short')
      assert.equal(await cache.get('long'), 1)
      setBack = -86_400_000
      assert.equal(await cache.get('long'), 1)
      await cache.set('short', 2)
      assert.equal(await cache.get('short'), 2)
    },
  },
  {
    name: 'while loads fail, what is stale is given, without trying each time; then it is fresh again',
    async run(harness) {
      const cache = await harness.join()
      await cache.set('a', 'old', { ttl: 1, staleFor: '1h' })
      await expired(cache, 'a')
      let tries = 0
      const fails = () => {
        tries++
        throw new Error('The database is down.')
      }
      const options = { staleFor: '1h', throttle: '1h' } as const
      for (let ask = 0; ask < 5; ask++) assert.equal(await cache.getOrSet('a', fails, options), 'old')
      assert.equal(tries, 1)
      assert.ok(cache.stats().stale > 0)
      await cache.set('b', 'old', { ttl: 1, staleFor: '1h' })
      await expired(cache, 'b')
      assert.equal(await cache.getOrSet('b', fails, { ...options, throttle: 0 }), 'old')
      assert.equal(await cache.getOrSet('b', async () => 'new', options), 'new')
      assert.equal(await cache.get('b'), 'new')
    },
  },
  {
    name: 'without anything stale, a load that fails rejects with its own error, and is tried again',
    async run(harness) {
      const cache = await harness.join()
      const own = new RangeError('no such product')
      const fails = async () => Promise.reject(own)
      await assert.rejects(cache.getOrSet('a', fails), error => error === own)
      await cache.set('gone', 1, { ttl: 1 })
      await expired(cache, 'gone')
      await assert.rejects(cache.getOrSet('gone', fails), error => error === own)
      assert.equal(await cache.getOrSet('a', () => 1), 1)
      const load = counting()
      const failsOnce = async () => {
        await load()
        throw own
      }
      for (let ask = 0; ask < 3; ask++)
        await assert.rejects(cache.getOrSet('kept', failsOnce, { errorTtl: '1h' }), error => error === own)
      assert.equal(load.calls, 1)
      assert.equal(await cache.has('kept'), false)
      await cache.delete('kept')
      assert.equal(await cache.getOrSet('kept', () => 2), 2)
    },
  },
  {
    name: 'a load that takes long lets what is stale be given, and goes on',
    async run(harness) {
      const cache = await harness.join()
      await cache.set('a', 'old', { ttl: 1, staleFor: '1h' })
      await expired(cache, 'a')
      const slow = held<string>()
      assert.equal(await cache.getOrSet('a', slow.load, { softTimeout: 1 }), 'old')
      assert.equal(await cache.getOrSet('a', slow.load, { softTimeout: 0 }), 'old')
      slow.resolve('new')
      await until(async () => (await cache.get('a')) === 'new')
      assert.equal(slow.calls, 1)
      const first = held<string>()
      const asked = cache.getOrSet('nothing stale', first.load, { softTimeout: 0 })
      await first.begun
      first.resolve('loaded')
      assert.equal(await asked, 'loaded')
    },
  },
  {
    name: 'a load that never ends is cancelled, and does not run three times at once',
    async run(harness) {
      const cache = await harness.join()
      const endless = held<string>()
      const ask = () => cache.getOrSet('a', endless.load, { hardTimeout: 10 })
      const errors = [await failure(ask()), await failure(ask()), await failure(ask())]
      assert.deepEqual(
        errors.map(({ code }) => code),
        ['deadline_exceeded', 'deadline_exceeded', 'unavailable'],
      )
      assert.equal((await endless.begun).aborted, true)
      assert.equal(endless.calls, 2)
      assert.equal(cache.stats().timeouts, 2)
      endless.resolve('too late')
      await until(async () => (await cache.getOrSet('a', () => 'in time').catch(() => '')) === 'in time')
      await cache.set('b', 'old', { ttl: 1, staleFor: '1h' })
      await expired(cache, 'b')
      const second = held<string>()
      assert.equal(await cache.getOrSet('b', second.load, { hardTimeout: 10 }), 'old')
      second.reject(new Error('ended'))
    },
  },
  {
    name: 'what is about to run out is loaded anew while it is given',
    async run(harness) {
      const cache = await harness.join()
      const slow = held<string>()
      await cache.getOrSet('a', () => 'old', { ttl: '1h', eagerRefresh: 0 })
      const ask = () => cache.getOrSet('a', slow.load, { ttl: '2h' })
      // Not while the lock of the first load is still being released.
      await until(async () => (await ask()) === 'old' && slow.calls === 1)
      assert.deepEqual([await ask(), await ask()], ['old', 'old'])
      slow.resolve('new')
      await until(async () => (await ask()) === 'new')
      assert.equal(slow.calls, 1)
      await cache.getOrSet('b', () => 'kept', { ttl: '1h', eagerRefresh: 0 })
      const fails = () => Promise.reject(new Error('down'))
      await until(async () => (await cache.getOrSet('b', fails)) === 'kept' && cache.stats().loadFailures > 0)
      assert.equal(await cache.getOrSet('b', fails), 'kept')
    },
  },
  {
    name: 'what is set together does not run out together',
    async run(harness) {
      const random = { next: () => 0.999, bytes: (length: number) => new Uint8Array(length) }
      const early = await harness.join({ random })
      await early.set('a', 1, { ttl: '1h', jitter: 1, staleFor: '1h' })
      await early.set('b', 1, { ttl: '1h', jitter: 0 })
      // A thousandth of an hour is left of the first.
      assert.equal(await early.get('b'), 1)
      await early.set('a', 1, { ttl: 10, jitter: 1 })
      await expired(early, 'a')
      assert.equal((await failure(early.set('a', 1, { jitter: 2 }))).code, 'invalid_argument')
    },
  },
  {
    name: 'a load decides for how long its value is kept, under which tags, or not at all',
    async run(harness) {
      const cache = await harness.join()
      await cache.getOrSet('short', context => {
        context.ttl = 1
        return 1
      })
      await expired(cache, 'short')
      await cache.getOrSet('tagged', context => {
        context.tags = ['chosen']
        return 1
      })
      await cache.deleteByTag('chosen')
      assert.equal(await cache.has('tagged'), false)
      const skipped = await cache.getOrSet('skipped', context => {
        context.skip()
        return 1
      })
      assert.deepEqual([skipped, await cache.has('skipped')], [1, false])
      await cache.getOrSet('stale', context => {
        context.ttl = 1
        context.staleFor = '1h'
        return 'old'
      })
      await expired(cache, 'stale')
      assert.equal(await cache.getOrSet('stale', () => Promise.reject(new Error('down'))), 'old')
    },
  },
  {
    name: 'a load may find that the previous value still holds',
    async run(harness) {
      const cache = await harness.join()
      const page = { body: ['text'] }
      await cache.getOrSet(
        'page',
        context => {
          assert.equal(context.previous, undefined)
          context.etag = '"1"'
          context.lastModified = 'Thu, 01 Jan 2026 00:00:00 GMT'
          return page
        },
        { ttl: 1, staleFor: '1h' },
      )
      await expired(cache, 'page')
      const same = await cache.getOrSet<typeof page>('page', context => {
        const { value, etag, lastModified } = context.previous!
        assert.deepEqual([value, etag, lastModified], [page, '"1"', 'Thu, 01 Jan 2026 00:00:00 GMT'])
        return context.notModified()
      })
      assert.deepEqual([same, await cache.get('page')], [page, page])
      const error = await failure(cache.getOrSet<number>('never there', context => context.notModified()))
      assert.equal(error.code, 'precondition_failed')
    },
  },
]
