import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cart, type CartItem } from '../../src/domain/cart/cart.ts'
import { Money } from '../../src/domain/money.ts'

const now = new Date('2010-12-01T08:00:00Z')
const mug: CartItem = { sku: '22111', name: 'MUG', unitPrice: Money.parse('2.5'), quantity: 2 }

test('the same article at the same price is one line; at another price it is another', () => {
  const cart = Cart.open('1', 'c', now)
  cart.add(mug, now)
  cart.add({ ...mug, quantity: 3 }, now)
  cart.add({ ...mug, unitPrice: Money.parse('2') }, now)
  assert.deepEqual(
    cart.lines.map(line => [line.position, line.quantity, line.unitPrice.toDecimal()]),
    [
      [1, 5, '2.500'],
      [2, 2, '2.000'],
    ],
  )
  assert.equal(cart.total.toDecimal(), '16.500')
})

test('quantities of zero, a million, fractions and sums beyond the limit are refused, and the cart stays as it was', () => {
  const cart = Cart.open('1', 'c', now)
  cart.add({ ...mug, quantity: 999_999 }, now)
  for (const quantity of [0, -1, 1.5, 1_000_000, Number.NaN, 1]) {
    assert.throws(() => cart.add({ ...mug, quantity }, now), { code: 'invalid_quantity' })
  }
  assert.equal(cart.lines[0]?.quantity, 999_999)
})

test('a button of an older total cannot confirm a newer one', () => {
  const cart = Cart.open('1', 'c', now)
  cart.add(mug, now)
  cart.checkOut(now)
  const { revision } = cart
  cart.add(mug, now)
  assert.throws(() => cart.order(revision, now), { code: 'cart_changed' })
  cart.checkOut(now)
  assert.throws(() => cart.order(revision, now), { code: 'cart_changed' })
  cart.order(cart.revision, now)
  assert.equal(cart.status, 'ordered')
})

test('an ordered cart is ordered once, and takes nothing more', () => {
  const cart = Cart.fromOrderMessage('1', 'c', 'wamid.1', [mug], now)
  cart.order(cart.revision, now)
  assert.throws(() => cart.order(cart.revision, now), { code: 'cart_ordered' })
  assert.throws(() => cart.add(mug, now), { code: 'cart_ordered' })
  assert.throws(() => cart.cancel(now), { code: 'cart_ordered' })
})

test('an expired or cancelled cart cannot be ordered', () => {
  for (const end of ['expire', 'cancel'] as const) {
    const cart = Cart.fromOrderMessage('1', 'c', 'wamid.1', [mug], now)
    cart[end](now)
    assert.throws(() => cart.order(cart.revision, now), { code: 'cart_expired' })
  }
})

test('an empty cart cannot be checked out', () => {
  assert.throws(() => Cart.open('1', 'c', now).checkOut(now), { code: 'empty_cart' })
})

test('after a declined payment the cart can be confirmed again, with a new button', () => {
  const cart = Cart.fromOrderMessage('1', 'c', 'wamid.1', [mug], now)
  const { revision } = cart
  cart.order(revision, now)
  cart.reopen(now)
  assert.throws(() => cart.order(revision, now), { code: 'cart_changed' })
  cart.order(cart.revision, now)
})
