import { decide, unused } from '../decide.ts'
import type { Rule, Taken } from '../driver.ts'

/** Changed in place: an object for each step would have to be collected. */
interface Kept {
  a: number
  b: number
  c: number
  strikes: number
  strikeAt: number
  forgetAt: number
  /** Asked for again since it was looked at. */
  used: boolean
}

/** How many keys a new one looks at: a few at a time, so that no call pays for all. */
const looks = 8

/** The keys of one limit. */
export class MemoryKeys {
  readonly #most: number
  readonly #keys = new Map<string, Kept>()
  /** Goes round and round, and forgets what means nothing any more, or was not asked for since it last came by: no order has to be kept. */
  #hand = this.#keys.entries()

  constructor(most: number) {
    this.#most = most
  }

  take(key: string, rule: Rule, cost: number, now: number): Taken {
    const known = this.#keys.get(key)
    const kept = known ?? this.#add(key, now)
    kept.used = known !== undefined
    const taken = decide(rule, kept, now, cost)
    kept.a = taken.a
    kept.b = taken.b
    kept.c = taken.c
    kept.strikes = taken.strikes
    kept.strikeAt = taken.strikeAt
    kept.forgetAt = now + rule.forgetAfterMs
    return taken
  }

  forget(key: string): void {
    this.#keys.delete(key)
  }

  #add(key: string, now: number): Kept {
    for (let look = 1; look <= looks; look++) {
      const { value, done } = this.#hand.next()
      if (done) {
        this.#hand = this.#keys.entries()
        continue
      }
      const [old, kept] = value
      const mustGo = this.#keys.size >= this.#most && (!kept.used || look >= looks - 1)
      if (mustGo || kept.forgetAt <= now) this.#keys.delete(old)
      else kept.used = false
    }
    const kept = { ...unused, forgetAt: 0, used: false }
    this.#keys.set(key, kept)
    return kept
  }
}
