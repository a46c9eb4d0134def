import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Money, sum } from '../../src/domain/money.ts'
import { ShopError } from '../../src/domain/shop-error.ts'

test('decimal text is read and written exactly', () => {
  assert.equal(Money.parse('2.55').units, 2550n)
  assert.equal(Money.parse('0.001').toDecimal(), '0.001')
  assert.equal(Money.parse('-12.5').toDecimal(), '-12.500')
  assert.equal(Money.parse('4.2500').toDecimal(), '4.250')
})

test('every amount survives the way to text and back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), units => {
      assert.equal(Money.parse(Money.of(units).toDecimal()).units, units)
    }),
  )
})

test('what is no amount, or finer than thousandths, is refused and never rounded', () => {
  for (const text of ['', '1.', '.5', '1e3', '1,5', '0.0001', 'NaN', ' 1', '--1']) {
    assert.throws(
      () => Money.parse(text),
      (error: unknown) => error instanceof ShopError && error.code === 'invalid_amount',
    )
  }
})

test('sums are exact where floating point is not', () => {
  const tenth = Money.parse('0.1')
  assert.equal(sum(Array.from({ length: 30 }, () => tenth)).toDecimal(), '3.000')
})

test('people see a currency sign, groups of thousands and a third decimal only where there is one', () => {
  assert.equal(Money.parse('1234567.5').toString(), '£1,234,567.50')
  assert.equal(Money.parse('0.125').toString(), '£0.125')
  assert.equal(Money.parse('-3').toString(), '-£3.00')
  assert.equal(Money.parse('3', 'EUR').toString(), 'EUR 3.00')
})

test('currencies do not mix', () => {
  assert.throws(() => Money.parse('1', 'GBP').plus(Money.parse('1', 'EUR')), { code: 'currency_mismatch' })
})
