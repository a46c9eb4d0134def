import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Delivery } from '../../src/messaging/index.ts'
import { Lanes } from '../../src/messaging/lanes.ts'
import { retries, retryDelay } from '../../src/messaging/retry-delay.ts'
import { shardCount, shardOf } from '../../src/messaging/shards.ts'
import { DueQueue } from '../../src/messaging/stored/due-queue.ts'

describe('the parts that messaging is made of', () => {
  test('a due queue gives what is due, the longest due first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: 0, max: 50 }),
        (moments, now) => {
          const queue = new DueQueue()
          moments.forEach((dueAt, seq) => {
            queue.add(seq, dueAt)
          })
          const due = queue.take(now, Number.POSITIVE_INFINITY)
          const times = due.map(seq => moments[seq]!)
          assert.deepEqual(
            times,
            moments.filter(dueAt => dueAt <= now).toSorted((a, b) => a - b),
          )
          assert.equal(queue.next(), Math.min(...moments.filter(dueAt => dueAt > now)))
          for (const seq of moments.keys()) assert.equal(queue.has(seq), moments[seq]! > now)
        },
      ),
    )
  })

  test('lanes hand out each delivery once, a key one at a time and in order', () => {
    const keys = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined })
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 600 }), fc.infiniteStream(fc.nat(3)), (added, choices) => {
        const lanes = new Lanes()
        const waiting = added.map((key, seq) => delivery(seq, key))
        const inHand: Numbered[] = []
        const done: Numbered[] = []
        const finish = (at: number) => {
          const [next] = inHand.splice(at, 1)
          done.push(next!)
          lanes.done(next!)
        }
        while (done.length < added.length) {
          const next = waiting.shift()
          if (next) lanes.add(next)
          const [taken] = lanes.take(1) as readonly Numbered[]
          if (taken) {
            const { key } = taken.message
            assert.ok(key === undefined || !inHand.some(other => other.message.key === key))
            inHand.push(taken)
          }
          const choice = choices.next().value!
          if (choice < inHand.length || !(next || taken)) finish(choice % inHand.length)
        }
        for (const key of ['a', 'b', 'c']) {
          const order = done.filter(({ message }) => message.key === key).map(({ seq }) => seq)
          assert.deepEqual(
            order,
            order.toSorted((a, b) => a - b),
          )
        }
        assert.equal(new Set(done).size, added.length)
      }),
      { numRuns: 50 },
    )
  })

  test('lanes give back what waits behind one, and what nobody has taken', () => {
    const lanes = new Lanes()
    const all = [
      delivery(0, 'a'),
      delivery(1, 'a'),
      delivery(2, 'b'),
      delivery(3, 'a'),
      delivery(4, undefined),
    ]
    for (const one of all) lanes.add(one)
    assert.deepEqual(lanes.take(1), [all[0]])
    assert.deepEqual(lanes.evict(all[0]!), [all[1], all[3]])
    lanes.add(all[1]!)
    assert.deepEqual(new Set(lanes.clear()), new Set([all[1], all[2], all[4]]))
    assert.deepEqual(lanes.take(1), [])
  })

  test('pauses between attempts double up to the longest, with jitter in their upper half', () => {
    const policy = retries({ from: 100, to: 1_000 })
    const random = (next: number) => ({ next: () => next, bytes: () => new Uint8Array() })
    assert.deepEqual(
      [1, 2, 3, 4, 5, 60].map(attempt => retryDelay(policy, attempt, undefined, random(1))),
      [100, 200, 400, 800, 1_000, 1_000],
    )
    assert.equal(retryDelay(policy, 1, undefined, random(0)), 50)
  })

  test('keys are spread over the shards, and always to the same one', () => {
    const counts = new Array<number>(shardCount).fill(0)
    for (let i = 0; i < 16_000; i++) counts[shardOf(`customer-${i}`)]!++
    assert.ok(
      counts.every(count => count > 800 && count < 1_200),
      counts.join(' '),
    )
    // Stored with the rows, so a release must not change them.
    assert.deepEqual(
      ['', 'a', 'order-1', '订单'].map(key => shardOf(key)),
      [9, 0, 2, 9],
    )
  })
})

interface Numbered extends Delivery {
  readonly seq: number
}

function delivery(seq: number, key: string | undefined): Numbered {
  return {
    seq,
    message: { id: String(seq), topic: 't', key, attributes: {}, payload: '{}', group: undefined },
    ack: async () => {},
  }
}
