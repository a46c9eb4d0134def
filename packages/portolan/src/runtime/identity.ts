import type { Ids, Random } from '../ports/identity.ts'
import type { Clock } from '../ports/time.ts'
import { systemClock } from './clock.ts'

/** The platform's randomness. */
export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: length => crypto.getRandomValues(new Uint8Array(length)),
}

/**
 * UUIDs of version 7 (RFC 9562 §5.7) with a 12-bit counter (§6.2, method 1): those of one generator ascend, also within a
 * millisecond and when the clock is set back.
 */
export function uuidV7(clock: Clock = systemClock, random: Random = systemRandom): Ids {
  let lastMs = 0
  let counter = 0
  // Random bytes are drawn in blocks: one call to the platform serves many ids.
  let pool: Uint8Array = new Uint8Array(0)
  let offset = 0
  return {
    next() {
      const now = clock.now()
      if (now > lastMs) {
        lastMs = now
        counter = 0
      } else if (++counter > 0xfff) {
        lastMs += 1
        counter = 0
      }
      if (offset + 8 > pool.length) {
        pool = random.bytes(1024)
        offset = 0
      }
      let tail = ''
      for (let i = 0; i < 8; i++) {
        const byte = i === 0 ? (pool[offset]! & 0x3f) | 0x80 : pool[offset + i]!
        tail += hex[byte]
      }
      offset += 8
      const time = lastMs.toString(16).padStart(12, '0')
      const sequence = counter.toString(16).padStart(3, '0')
      return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${tail.slice(0, 4)}-${tail.slice(4)}`
    },
  }
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Ids from the machine's clock and randomness. */
export const systemIds: Ids = uuidV7()
