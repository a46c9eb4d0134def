import assert from 'node:assert/strict'
import type { Lock } from '../ports/locks.ts'
import { aborted, freshName, type LocksCase, member } from './locks-kit.ts'

const options = { ttl: '3s', pause: '50ms' } as const

/** Leading. */
export const electionCases: readonly LocksCase[] = [
  {
    name: 'one leads at a time; when it resigns, another does, with a higher token',
    async run(harness) {
      const name = freshName()
      const leads = new Leads()
      const members = await Promise.all([1, 2, 3].map(() => member(harness)))
      const candidates = members.map(locks => locks.lead(name, lock => leads.run(lock), options))
      const tokens: number[] = []
      for (let round = 0; round < 3; round++) {
        tokens.push((await leads.next()).token)
        const leaders = candidates.filter(({ lock }) => lock !== undefined)
        assert.equal(leaders.length, 1)
        await leaders[0]!.resign()
        assert.equal(leaders[0]!.lock, undefined)
      }
      assert.deepEqual(
        tokens,
        [...new Set(tokens)].sort((a, b) => a - b),
      )
      assert.equal(leads.most, 1)
      for (const locks of members) await locks.stop()
    },
  },
  {
    name: 'a leader whose work fails or ends leads again only after others could',
    async run(harness) {
      const name = freshName()
      await using one = await member(harness)
      const order: string[] = []
      const leads = new Leads()
      let runs = 0
      await using failing = one.lead(
        name,
        () => {
          order.push('failing')
          if (++runs === 1) throw new Error('broken')
        },
        options,
      )
      while (runs === 0) await new Promise(resolve => setImmediate(resolve))
      await using other = await member(harness)
      await using steady = other.lead(name, lock => leads.run(lock), options)
      await leads.next()
      assert.ok(steady.lock)
      assert.equal(failing.lock, undefined)
      assert.equal(order[0], 'failing')
    },
  },
]

/** Work that leads until it is told to stop. */
class Leads {
  most = 0
  #now = 0
  readonly #waiting: ((lock: Lock) => void)[] = []
  readonly #begun: Lock[] = []

  async run(lock: Lock): Promise<void> {
    this.most = Math.max(this.most, ++this.#now)
    const waiting = this.#waiting.shift()
    if (waiting) waiting(lock)
    else this.#begun.push(lock)
    await aborted(lock.signal)
    this.#now--
  }

  next(): Promise<Lock> {
    const begun = this.#begun.shift()
    return begun ? Promise.resolve(begun) : new Promise(resolve => this.#waiting.push(resolve))
  }
}
