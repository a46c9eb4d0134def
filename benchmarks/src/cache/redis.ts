import { createCache } from 'portolan/cache'
import { openLocks } from 'portolan/locks'
import { engineUrl } from 'portolan-engines'
import type { Contender, Trial } from '../suite.ts'
import { keyvPeer } from './keyv-peer.ts'
import { type Peer, type PeerContender, rate } from './peer.ts'
import { check, productOf, ttlMs } from './value.ts'

const hot = 1_000
const workers = 32
const prefix = `bench-${process.pid}`

/** Nothing is kept in memory, so that each call goes to the server. */
const portolan = (name: string, clustered: boolean): PeerContender => ({
  name,
  async open() {
    const url = `${await engineUrl('redis')}?prefix=${prefix}-${clustered ? 'one' : 'each'}`
    const locks = clustered ? await openLocks(url) : undefined
    const cache = createCache({ ...(await redisParts(url)), maxEntries: 0, ...(locks && { locks }) })
    await cache.start()
    return {
      getOrSet: (key, load) => cache.getOrSet(key, load, { ttl: ttlMs }),
      set: (key, value) => cache.set(key, value, { ttl: ttlMs }),
      clear: () => cache.clear(),
      async [Symbol.asyncDispose]() {
        await cache.stop()
        await locks?.stop()
      },
    }
  },
})

async function redisParts(url: string) {
  const { redisStore } = await import('portolan/cache')
  return { store: await redisStore(url) }
}

const bentocache: PeerContender = {
  name: 'bentocache',
  async open() {
    const { BentoCache, bentostore } = await import('bentocache')
    const { redisDriver } = await import('bentocache/drivers/redis')
    const { Redis } = await import('ioredis')
    const connection = new Redis(await engineUrl('redis'))
    const store = bentostore().useL2Layer(redisDriver({ connection, prefix: `${prefix}-bento` }))
    const cache = new BentoCache({ default: 'own', stores: { own: store } })
    return {
      getOrSet: (key, load) => cache.getOrSet({ key, factory: load, ttl: ttlMs }),
      set: (key, value) => cache.set({ key, value, ttl: ttlMs }),
      clear: () => cache.clear(),
      [Symbol.asyncDispose]: () => cache.disconnectAll(),
    }
  },
}

const cacheManager: PeerContender = {
  name: 'cache-manager',
  async open() {
    const { createCache: create } = await import('cache-manager')
    const { createKeyv } = await import('@keyv/redis')
    const cache = create({
      ttl: ttlMs,
      stores: [createKeyv(await engineUrl('redis'), { namespace: `${prefix}-cm` })],
    })
    return {
      getOrSet: (key, load) => cache.wrap(key, load),
      set: (key, value) => cache.set(key, value),
      clear: () => cache.clear(),
      async [Symbol.asyncDispose]() {
        await cache.disconnect()
      },
    }
  },
}

const cacheable: PeerContender = {
  name: 'cacheable',
  async open() {
    const [{ Cacheable }, { createKeyv }] = [await import('cacheable'), await import('@keyv/redis')]
    const primary = createKeyv(await engineUrl('redis'), { namespace: `${prefix}-cacheable` })
    const cache = new Cacheable({ primary })
    return {
      getOrSet: (key, load) => cache.getOrSet(key, load, { ttl: ttlMs }),
      set: (key, value) => cache.set(key, value, ttlMs),
      clear: () => cache.clear(),
      [Symbol.asyncDispose]: () => cache.disconnect(),
    }
  },
}

const keyv = keyvPeer(async () => {
  const { createKeyv } = await import('@keyv/redis')
  return createKeyv(await engineUrl('redis'), { namespace: `${prefix}-keyv` })
})

type Case = 'Redis: hit' | 'Redis: hit, one at a time' | 'Redis: miss' | 'Redis: set'

const unexpected = async () => {
  throw new Error('It was not kept.')
}

async function run(peer: Peer, each: Case): Promise<number> {
  const key = (at: number) => `product:${at % hot}`
  switch (each) {
    case 'Redis: hit':
    case 'Redis: hit, one at a time': {
      for (let at = 0; at < hot; at++) await peer.set(key(at), productOf(key(at)), [])
      check(await peer.getOrSet(key(5), unexpected, []), key(5))
      return rate(at => peer.getOrSet(key(at), unexpected, []), each === 'Redis: hit' ? workers : 1)
    }
    case 'Redis: miss': {
      const round = Math.random()
      return rate(at => peer.getOrSet(`cold:${round}:${at}`, async () => productOf(String(at)), []), workers)
    }
    case 'Redis: set':
      return rate(at => peer.set(key(at), productOf(key(at)), []), workers)
  }
}

const cases: Trial<Case>['cases'] = {
  'Redis: hit': { unit: 'calls/s', better: 'higher' },
  'Redis: hit, one at a time': { unit: 'calls/s', better: 'higher' },
  'Redis: miss': { unit: 'calls/s', better: 'higher' },
  'Redis: set': { unit: 'calls/s', better: 'higher' },
}

export const redisTrial: Trial<Case> = {
  name: 'Redis',
  apart: true,
  cases,
  contenders: [
    ...[portolan('portolan', false), portolan('portolan/one-load-in-the-cluster', true)],
    ...[bentocache, cacheManager, cacheable, keyv],
  ].map(
    (contender): Contender<Case> => ({
      name: contender.name,
      async open() {
        const peer = await contender.open()
        return {
          async round(asked) {
            const figures: Partial<Record<Case, number>> = {}
            for (const each of asked) figures[each] = await run(peer, each)
            await peer.clear()
            return figures
          },
          [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
        }
      },
    }),
  ),
}
