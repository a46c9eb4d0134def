import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ReadAhead } from '../../src/messaging/read-ahead.ts'
import { systemClock } from '../../src/runtime/index.ts'

/** A table that is read a few rows at a time, on a clock whose hands the test moves. Rows that were seen are kept, as if in hand. */
class Reader {
  readonly rows = new Set<number>()
  readonly seen = new Set<number>()
  reads = 0
  readonly #ahead: ReadAhead
  readonly #limit: number
  #now = 0

  constructor({ commitsInOrder = false, limit = 10 } = {}) {
    this.#ahead = new ReadAhead({ ...systemClock, monotonic: () => this.#now }, () => commitsInOrder)
    this.#limit = limit
  }

  commit(...seqs: readonly number[]): void {
    for (const seq of seqs) this.rows.add(seq)
  }

  pass(ms: number): void {
    this.#now += ms
  }

  /** As long as there is more. */
  read(): void {
    for (;;) {
      this.#ahead.begin()
      const after = this.#ahead.position
      const found = [...this.rows]
        .filter(seq => seq > after)
        .sort((a, b) => a - b)
        .slice(0, this.#limit)
      for (const seq of found) this.seen.add(seq)
      const more = found.length === this.#limit
      this.#ahead.end(found.at(-1) ?? after, more, 0)
      this.reads++
      if (!more) return
    }
  }
}

describe('reading ahead', () => {
  test('sees what is committed late as soon as it reads again', () => {
    const reader = new Reader()
    reader.commit(1, 2, 5)
    reader.read()
    reader.pass(10)
    reader.commit(3)
    reader.read()
    assert.ok(reader.seen.has(3))
    reader.commit(4)
    reader.pass(10)
    reader.read()
    assert.ok(reader.seen.has(4))
  })

  test('looks back beyond the last scan from the head, also where that is all it does', () => {
    const reader = new Reader()
    reader.commit(1, 9)
    reader.read()
    // Scans from the head, with 5 still uncommitted.
    for (let i = 0; i < 4; i++) {
      reader.pass(1_000)
      reader.read()
    }
    reader.commit(20)
    reader.pass(400)
    reader.read()
    reader.commit(15)
    reader.pass(10)
    reader.read()
    assert.ok(reader.seen.has(15))
    // Older than two scans: the next scan has it.
    reader.commit(5)
    reader.pass(1_000)
    reader.read()
    assert.ok(reader.seen.has(5))
  })

  test('passes nothing for good, whatever is committed when', () => {
    const step = fc.record({
      ms: fc.nat(1_500),
      commits: fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 8 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (steps, limit) => {
        const reader = new Reader({ limit })
        for (const { ms, commits } of steps) {
          reader.pass(ms)
          reader.commit(...commits)
          reader.read()
        }
        reader.pass(1_000)
        reader.read()
        assert.deepEqual(reader.seen, reader.rows)
      }),
    )
  })

  test('does not look back where commits come in order', () => {
    const reads = (commitsInOrder: boolean) => {
      const reader = new Reader({ commitsInOrder, limit: 4 })
      reader.read()
      reader.commit(...Array.from({ length: 40 }, (_, i) => i + 1))
      reader.read()
      const before = reader.reads
      for (let i = 0; i < 10; i++) {
        reader.pass(10)
        reader.read()
      }
      return reader.reads - before
    }
    assert.equal(reads(true), 10)
    assert.ok(reads(false) > 10)
  })
})
