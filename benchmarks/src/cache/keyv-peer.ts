import type { Keyv } from 'keyv'
import type { PeerContender } from './peer.ts'
import { type Product, ttlMs } from './value.ts'

/** Keyv over what `make` gives. It has no loads: who misses loads and stores. */
export function keyvPeer(make: () => Promise<Keyv>): PeerContender {
  return {
    name: 'keyv',
    async open() {
      const cache = await make()
      return {
        async getOrSet(key, load) {
          const known = await cache.get<Product>(key)
          if (known !== undefined) return known
          const value = await load()
          await cache.set(key, value, ttlMs)
          return value
        },
        set: (key, value) => cache.set(key, value, ttlMs),
        clear: () => cache.clear(),
        async [Symbol.asyncDispose]() {
          await cache.disconnect()
        },
      }
    },
  }
}
