import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cart } from '../../src/domain/cart/cart.ts'
import { Product } from '../../src/domain/catalog/product.ts'
import { statusesBefore } from '../../src/domain/conversation/delivery-status.ts'
import { Customer } from '../../src/domain/customer/customer.ts'
import { Money } from '../../src/domain/money.ts'
import { Order } from '../../src/domain/order/order.ts'
import { Refund } from '../../src/domain/refund/refund.ts'

const now = new Date('2010-12-01T08:00:00Z')
const item = { sku: '22111', name: 'MUG', unitPrice: Money.parse('2.5'), quantity: 2 }

function placed(): Order {
  return Order.place('o1', Cart.fromOrderMessage('k1', 'c1', 'wamid.1', [item], now), 'wamid.2', now)
}

test('an order has the lines and the total of its cart, and says that it was placed', () => {
  const order = placed()
  assert.equal(order.total.toDecimal(), '5.000')
  assert.equal(order.reference, 'wamid.1')
  assert.deepEqual(order.events, [
    {
      type: 'shop.order.placed',
      key: 'o1',
      data: { orderId: 'o1', customerId: 'c1', total: '5.000', orderedAt: now.toISOString() },
    },
  ])
})

test('told twice of a payment, or told of both outcomes, the first counts', () => {
  const paid = placed()
  assert.equal(paid.pay('ch_1'), true)
  assert.equal(paid.pay('ch_2'), false)
  assert.equal(paid.cancel('declined'), false)
  assert.deepEqual([paid.status, paid.paymentId, paid.events.length], ['paid', 'ch_1', 2])

  const declined = placed()
  assert.equal(declined.cancel('card_declined'), true)
  assert.equal(declined.pay('ch_1'), false)
  assert.deepEqual([declined.status, declined.cancelReason], ['cancelled', 'card_declined'])
})

test('a payment that comes after the order was cancelled is remembered once, to go back', () => {
  const order = placed()
  assert.equal(order.payLate('ch_1'), false)
  order.cancel('payment_overdue')
  assert.equal(order.payLate('ch_1'), true)
  assert.equal(order.payLate('ch_1'), false)
  assert.deepEqual([order.status, order.paymentId], ['cancelled', 'ch_1'])
  assert.equal(order.events.at(-1)!.type, 'shop.order.paid_late')
})

test('stock is reserved to the last piece, and no further', () => {
  const product = Product.introduce({ sku: 'A1', name: 'MUG', prices: [Money.parse('1')], stock: 3 })
  product.reserve(3)
  assert.throws(() => product.reserve(1), { code: 'out_of_stock', message: 'MUG is sold out.' })
  product.restock(2)
  assert.throws(() => product.reserve(3), { code: 'out_of_stock', message: 'Only 2 of MUG left, not 3.' })
  assert.equal(product.stock, 2)
})

test('only listed prices are accepted', () => {
  const product = Product.introduce({
    sku: 'A1',
    name: 'MUG',
    prices: [Money.parse('1'), Money.parse('0.85')],
    stock: 3,
  })
  product.requirePrice(Money.parse('0.85'))
  assert.throws(() => product.requirePrice(Money.parse('0.01')), { code: 'price_changed' })
  assert.throws(() => product.requirePrice(Money.parse('1', 'EUR')), { code: 'price_changed' })
})

test('a refund needs goods that are worth something, and is paid once', () => {
  const facts = { id: 'r', reference: 'C1', customerId: 'c', orderId: null, returnedAt: now }
  assert.throws(() => Refund.request({ ...facts, lines: [] }), { code: 'invalid_refund' })
  const free = { ...item, position: 1, unitPrice: Money.zero() }
  assert.throws(() => Refund.request({ ...facts, lines: [free] }), { code: 'invalid_refund' })
  const refund = Refund.request({ ...facts, lines: [{ ...item, position: 1 }] })
  assert.deepEqual([refund.pay('re_1'), refund.pay('re_1'), refund.decline()], [true, false, false])
  assert.deepEqual(
    refund.events.map(event => event.type),
    ['shop.refund.requested', 'shop.refund.paid'],
  )
})

test('a delivery status only moves forward; what was delivered cannot fail', () => {
  assert.deepEqual(statusesBefore('delivered'), ['waiting', 'accepted', 'sent'])
  assert.ok(!statusesBefore('sent').includes('read'))
  assert.ok(!statusesBefore('failed').includes('delivered'))
})

test('mail addresses that would break a header are refused', () => {
  const customer = Customer.meet('c', '44', 'Jo', now)
  for (const address of ['', 'jo', 'jo@x', 'jo@x.org\r\nBcc: a@b.c', 'a@b.c, d@e.f', '<jo@x.org>']) {
    assert.throws(() => customer.setEmail(address), { code: 'invalid_email' })
  }
  customer.setEmail('jo@example.org')
  assert.equal(customer.email, 'jo@example.org')
})
