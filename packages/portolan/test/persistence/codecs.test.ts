import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bigint, instant, json, money } from 'portolan/persistence'
import { decodeCursor, encodeCursor } from '../../src/persistence/repository/cursor.ts'
import { completeOrder } from '../../src/persistence/repository/page-order.ts'
import { keyOf } from '../../src/persistence/repository/rows.ts'

test('any amount comes back the same', () => {
  const codec = money(amount => amount)
  const amount = fc.record(
    {
      units: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      scale: fc.integer({ min: 0, max: 9 }),
      currency: fc.constantFrom('GBP', 'JPY', 'EUR'),
    },
    { noNullPrototype: true },
  )
  fc.assert(fc.property(amount, given => assert.deepEqual(codec.decode(codec.encode(given)), given)))
  assert.equal(codec.encode({ units: -5n, scale: 3, currency: 'GBP' }), '-0.005 GBP')
})

test('what a codec cannot keep or read is an error', () => {
  const codec = money(amount => amount)
  assert.throws(() => codec.encode({ units: 1n, scale: -1, currency: 'GBP' }), { code: 'invalid_argument' })
  assert.throws(() => codec.encode({ units: 1n, scale: 2, currency: 'pounds' }), { code: 'invalid_argument' })
  assert.throws(() => codec.decode('12,50 GBP'), { code: 'data_loss' })
  assert.throws(() => instant.encode(new Date('never')), { code: 'invalid_argument' })
})

test('small and large integers are bigints alike, and JSON keeps its type', () => {
  assert.equal(bigint.decode(5 as unknown as bigint), 5n)
  assert.deepEqual(json<{ a: number[] }>().decode('{"a":[1]}'), { a: [1] })
})

test('a cursor holds any values that rows can be ordered by', () => {
  const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt())
  const order = completeOrder(['a', ['b', 'desc']], 'asc', 'b')
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [c, d] = decodeCursor(encodeCursor({ a, b }, order), order)
      assert.ok(c === a && d === b)
    }),
  )
  assert.throws(() => encodeCursor({ a: null, b: 1 }, order), { code: 'invalid_argument' })
  const cursor = encodeCursor({ a: 1, b: 1 }, order)
  assert.throws(() => decodeCursor(cursor, completeOrder(['a'], 'asc', 'b')), { code: 'invalid_argument' })
})

test('keys of several columns are equal only when every column is', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.integer(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 2 }),
  )
  const row = fc.record({ a: value, b: value })
  fc.assert(
    fc.property(row, row, (one, other) => {
      const same = [one, other].map(({ a, b }) => [a, b].map(part => [typeof part, String(part)]))
      const equal = JSON.stringify(same[0]) === JSON.stringify(same[1])
      assert.equal(keyOf(one, ['a', 'b']) === keyOf(other, ['a', 'b']), equal)
    }),
  )
})
