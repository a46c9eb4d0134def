import { createCache } from 'portolan/cache'
import { keyvPeer } from './keyv-peer.ts'
import type { PeerContender } from './peer.ts'
import { type Product, ttlMs } from './value.ts'

function portolan(name: string, values: 'copied' | 'frozen'): PeerContender {
  return {
    name,
    async open() {
      const cache = createCache({ values, maxEntries: 200_000, maxBytes: 2 ** 30 })
      return {
        getOrSet: (key, load, tags) => cache.getOrSet(key, load, { ttl: ttlMs, tags }),
        set: (key, value, tags) => cache.set(key, value, { ttl: ttlMs, tags }),
        clear: () => cache.clear(),
        [Symbol.asyncDispose]: () => cache.stop(),
      }
    },
  }
}

function bentocache(name: string, serialize: boolean): PeerContender {
  return {
    name,
    async open() {
      const { BentoCache, bentostore } = await import('bentocache')
      const { memoryDriver } = await import('bentocache/drivers/memory')
      const store = bentostore().useL1Layer(memoryDriver({ serialize, maxItems: 200_000 }))
      const cache = new BentoCache({ default: 'own', stores: { own: store } })
      return {
        getOrSet: (key, load, tags) =>
          cache.getOrSet({ key, factory: load, ttl: ttlMs, ...(tags.length > 0 && { tags: [...tags] }) }),
        set: (key, value, tags) =>
          cache.set({ key, value, ttl: ttlMs, ...(tags.length > 0 && { tags: [...tags] }) }),
        clear: () => cache.clear(),
        [Symbol.asyncDispose]: () => cache.disconnectAll(),
      }
    },
  }
}

function cacheable(name: string, useClone: boolean, tags = false): PeerContender {
  return {
    name,
    async open() {
      const { Cacheable, createKeyv } = await import('cacheable')
      const cache = new Cacheable({ primary: createKeyv({ useClone, ttl: ttlMs }), tags })
      return {
        getOrSet: (key, load, tags) =>
          cache.getOrSet(key, load, { ttl: ttlMs, ...(tags.length > 0 && { tags: [...tags] }) }),
        set: (key, value, tags) =>
          tags.length > 0
            ? cache.set(key, value, { ttl: ttlMs, tags: [...tags] })
            : cache.set(key, value, ttlMs),
        clear: () => cache.clear(),
        [Symbol.asyncDispose]: () => cache.disconnect(),
      }
    },
  }
}

function cacheManager(name: string, copies: boolean): PeerContender {
  return {
    name,
    async open() {
      const { createCache: create } = await import('cache-manager')
      const { createKeyv } = await import('cacheable')
      const cache = create({ ttl: ttlMs, stores: [createKeyv({ useClone: copies, ttl: ttlMs })] })
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
}

const keyv = keyvPeer(async () => new (await import('keyv')).Keyv())

/** What others stand on: no tags, nothing behind it, and the one value for all callers. */
const lruCache: PeerContender = {
  name: 'lru-cache',
  raw: true,
  async open() {
    const { LRUCache } = await import('lru-cache')
    const loads = new Map<string, () => Promise<Product>>()
    const cache = new LRUCache<string, Product>({
      ...{ max: 200_000, ttl: ttlMs },
      fetchMethod: async key => loads.get(key)?.(),
    })
    return {
      getOrSet(key, load) {
        const known = cache.get(key)
        if (known !== undefined) return known
        loads.set(key, load)
        return cache.fetch(key).finally(() => loads.delete(key))
      },
      set: (key, value) => cache.set(key, value),
      clear: () => cache.clear(),
      async [Symbol.asyncDispose]() {},
    }
  },
}

/** Each caller has a value of its own. */
export const copying: readonly PeerContender[] = [
  portolan('portolan', 'copied'),
  portolan('portolan/frozen', 'frozen'),
  ...[
    bentocache('bentocache', true),
    cacheable('cacheable', true),
    cacheManager('cache-manager', true),
    keyv,
  ],
]

/** Whoever changes a value changes it for all; ours cannot be changed. */
export const sharing: readonly PeerContender[] = [
  portolan('portolan/frozen', 'frozen'),
  ...[bentocache('bentocache', false), cacheable('cacheable', false), cacheManager('cache-manager', false)],
  lruCache,
]

/** The same, of those that have tags. */
export const copyingTagged: readonly PeerContender[] = [
  portolan('portolan', 'copied'),
  portolan('portolan/frozen', 'frozen'),
  ...[bentocache('bentocache', true), cacheable('cacheable', true, true)],
]

export const sharingTagged: readonly PeerContender[] = [
  portolan('portolan/frozen', 'frozen'),
  ...[bentocache('bentocache', false), cacheable('cacheable', false, true)],
]
