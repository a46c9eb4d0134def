import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Gaps } from '../../src/messaging/gaps.ts'
import { systemClock } from '../../src/runtime/index.ts'

function gapsAt(hands: { now: number }): Gaps {
  return new Gaps({ ...systemClock, monotonic: () => hands.now })
}

describe('the gaps in what was read', () => {
  test('are looked for until they are found, or for ten seconds', () => {
    const hands = { now: 0 }
    const gaps = gapsAt(hands)
    gaps.saw([1, 2, 5, 7])
    assert.deepEqual(gaps.before(7), [3, 4, 6])
    assert.deepEqual(gaps.before(5), [3, 4])
    gaps.saw([4])
    assert.deepEqual(gaps.before(7), [3, 6])
    hands.now = 5_000
    gaps.saw([9])
    hands.now = 10_001
    assert.deepEqual(gaps.before(9), [8])
  })

  test('before the first number that was read there may be some', () => {
    const gaps = gapsAt({ now: 0 })
    gaps.saw([500])
    assert.deepEqual([gaps.before(500).at(0), gaps.before(500).at(-1)], [400, 499])
  })

  test('that are too many are not known, until none of them is looked for any longer', () => {
    const hands = { now: 0 }
    const gaps = gapsAt(hands)
    gaps.saw([1, 2_000])
    assert.equal(gaps.known, false)
    hands.now = 9_999
    gaps.saw([2_002])
    assert.equal(gaps.known, false)
    hands.now = 10_000
    assert.equal(gaps.known, true)
    assert.deepEqual(gaps.before(2_002), [2_001])
  })

  test('are all numbers that were passed and not seen', () => {
    const reads = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), { maxLength: 20 })
    fc.assert(
      fc.property(reads, steps => {
        const gaps = gapsAt({ now: 0 })
        const seen = new Set([1])
        let last = 1
        gaps.saw([1])
        for (const distances of steps) {
          const read = distances.map(distance => {
            last += distance
            return last
          })
          for (const number of read) seen.add(number)
          gaps.saw(read)
        }
        const passed = Array.from({ length: last }, (_, i) => i + 1)
        assert.deepEqual(
          gaps.before(last),
          passed.filter(number => !seen.has(number)),
        )
      }),
    )
  })
})
