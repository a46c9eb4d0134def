import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordsBatch } from '@platformatic/kafka'
import fc from 'fast-check'
import { Progress } from '../../src/messaging/drivers/kafka/progress.ts'

const batch = (firstOffset: number, count: number, more: Partial<RecordsBatch> = {}): RecordsBatch =>
  ({
    ...{ firstOffset: BigInt(firstOffset), lastOffsetDelta: count - 1, attributes: 0, producerId: -1n },
    records: Array.from({ length: count }, (_, offsetDelta) => ({ offsetDelta })),
    ...more,
  }) as RecordsBatch

function takeAll(progress: Progress): bigint[] {
  const offsets: bigint[] = []
  for (let entry = progress.take(); entry; entry = progress.take()) offsets.push(entry.offset)
  return offsets
}

test('a position never passes what is not finished, and reaches the end when all is', () => {
  const order = fc.shuffledSubarray(
    Array.from({ length: 12 }, (_, n) => n),
    { minLength: 12 },
  )
  fc.assert(
    fc.property(order, fc.integer({ min: 0, max: 11 }), (finished, start) => {
      const progress = new Progress(BigInt(start))
      progress.add([batch(0, 5), batch(5, 7)], [])
      const left = new Set(takeAll(progress))
      assert.deepEqual(
        [...left],
        Array.from({ length: 12 - start }, (_, n) => BigInt(n + start)),
      )
      for (const offset of finished.map(BigInt)) {
        const [first = 12n] = left
        assert.equal(progress.position, first)
        assert.equal(progress.remaining(20n), left.size + 8)
        progress.finish(offset)
        left.delete(offset)
      }
      assert.equal(progress.position, 12n)
    }),
  )
})

test('what others took back is passed over, whole or cut by the size of an answer', () => {
  const [transaction, control] = [1 << 4, (1 << 4) | (1 << 5)]
  const progress = new Progress(0n)
  const aborted = [{ producerId: 7n, firstOffset: 0n }]
  progress.add([batch(0, 2, { attributes: transaction, producerId: 7n }), batch(2, 1)], aborted)
  assert.deepEqual(takeAll(progress), [2n])
  progress.finish(2n)
  assert.equal(progress.position, 3n)
  progress.add(
    [
      batch(3, 1, { attributes: transaction, producerId: 7n }),
      batch(4, 1, { attributes: control, producerId: 7n }),
      batch(5, 1, { attributes: transaction, producerId: 7n }),
    ],
    aborted,
  )
  assert.deepEqual(takeAll(progress), [5n])
})
