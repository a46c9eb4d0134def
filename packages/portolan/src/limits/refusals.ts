import { decide } from './decide.ts'
import type { Rule, Taken } from './driver.ts'

/** For how long it is believed: one that was forgiven in another process is refused here for so long at most. */
const believeMs = 1_000
const most = 10_000

interface Refusal {
  readonly taken: Taken
  readonly askedAt: number
}

/**
 * What a shared store said of the keys that it refused. Others can only have taken more since then, so what was too much is too much until
 * the time has come: somebody who goes on asking costs the store one question a second.
 */
export class Refusals {
  readonly #rule: Rule
  readonly #known = new Map<string, Refusal>()

  constructor(rule: Rule) {
    this.#rule = rule
  }

  /** `askedAt`: when the store was asked, so that nobody is refused here for longer than there. */
  remember(key: string, taken: Taken, askedAt: number): void {
    if (this.#known.size >= most) this.#known.clear()
    this.#known.set(key, { taken, askedAt })
  }

  forget(key: string): void {
    this.#known.delete(key)
  }

  /** The refusal, if it is certain; the store is to be asked otherwise. */
  of(key: string, now: number, cost: number): Taken | undefined {
    const known = this.#known.get(key)
    if (known === undefined) return undefined
    const { taken, askedAt } = known
    const since = now - askedAt
    if (since < believeMs) {
      const next = decide(this.#rule, taken, taken.now + since, cost)
      // Where refusals lead to a block, the store must count them.
      if (next.outcome === 'blocked' || (next.outcome === 'refused' && this.#rule.blockAfter === 0))
        return next
    }
    this.#known.delete(key)
    return undefined
  }
}
