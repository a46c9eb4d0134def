import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ChatCustomer, openShop, type Shop, traces } from '../harness/index.ts'

let shop: Shop
before(async () => {
  shop = await openShop()
})
after(() => shop[Symbol.asyncDispose]())

interface Refund {
  readonly id: string
  readonly status: string
  readonly total: string
  readonly code?: string
  readonly detail?: string
}

/** A customer with a paid order over mugs. */
async function bought(quantity: number): Promise<{ customer: ChatCustomer; orderId: string }> {
  const customer = shop.customer()
  assert.match((await customer.buys('MUG', quantity)).text, /Paid/)
  await shop.settled()
  const { items } = await shop.get(`/orders?customerId=${customer.id}`)
  return { customer, orderId: items[0].id }
}

let references = 0

async function giveBack(change: object, quantity = 1, unitPrice = '2.55'): Promise<[number, Refund]> {
  const response = await shop.post('/refunds', {
    reference: `C${references++}`,
    returnedAt: '2010-12-05T10:00:00Z',
    lines: [{ sku: 'MUG', quantity, unitPrice }],
    ...change,
  })
  const body = (await response.json()) as Refund
  await shop.settled()
  return [response.status, body]
}

/** Expects that the API refuses it with problem details, and that nothing changes. */
async function refused(act: Promise<[number, Refund]>, status: number, detail: RegExp): Promise<void> {
  const before = await traces(shop)
  const [answered, problem] = await act
  assert.equal(answered, status)
  assert.match(problem.detail!, detail)
  assert.deepEqual(await traces(shop), before)
}

test('a whole order goes back: its money, its goods, and the customer hears of it', async () => {
  const { customer, orderId } = await bought(2)
  const stock = await shop.stock('MUG')
  const [status, refund] = await giveBack({ customerId: customer.id, orderId, reference: 'C-whole' }, 2)
  assert.deepEqual([status, refund.total], [201, '5.100'])
  const { items } = await shop.get('/refunds')
  const { status: state, paymentId, reference } = items.find(({ id }: Refund) => id === refund.id)
  assert.deepEqual([state, reference], ['paid', 'C-whole'])
  const [repayment, ...others] = shop.emulators.payments.refunds({ customer: customer.id })
  assert.equal(others.length, 0)
  const order = await shop.get(`/orders/${orderId}`)
  assert.deepEqual(
    [repayment?.id, repayment?.amount, repayment?.charge],
    [paymentId, '5.100', order.paymentId],
  )
  assert.equal(order.refunds[0].id, refund.id)
  assert.equal(await shop.stock('MUG'), stock + 2)
  assert.match(customer.heard().at(-1)!.text, /Your refund of \*£5\.10\* is on its way\. Reference C-whole/)
  assert.match(await shop.page(`/orders/${orderId}`), /C-whole/)
  assert.match(await shop.page('/refunds'), /C-whole/)
  assert.match(await shop.page('/'), /2010-12-05[\s\S]*£5\.10/)
})

test('an order goes back in parts, and not in more than there were', async () => {
  const { customer, orderId } = await bought(3)
  const of = { customerId: customer.id, orderId }
  assert.equal((await giveBack(of, 1))[0], 201)
  assert.equal((await giveBack(of, 1))[0], 201)
  await refused(giveBack(of, 2), 400, /had 3 of MUG, not 4/)
  assert.equal((await giveBack(of, 1))[0], 201)
  await refused(giveBack(of, 1), 400, /had 3 of MUG, not 4/)
  await refused(
    giveBack({ ...of, lines: [{ sku: 'LAST', quantity: 1, unitPrice: '1' }] }),
    400,
    /had 0 of LAST/,
  )
})

test('no more money goes back than was paid', async () => {
  const { customer, orderId } = await bought(2)
  await refused(
    giveBack({ customerId: customer.id, orderId }, 1, '5.11'),
    400,
    /was over £5\.10; £5\.11 cannot/,
  )
})

test('a return that is recorded twice is one refund', async () => {
  const { customer, orderId } = await bought(2)
  const twice = { customerId: customer.id, orderId, reference: 'C-twice' }
  const answers = await Promise.all([giveBack(twice), giveBack(twice), giveBack(twice)])
  assert.deepEqual(new Set(answers.map(([status]) => status)), new Set([201]))
  assert.equal(new Set(answers.map(([, { id }]) => id)).size, 1)
  assert.equal([...shop.emulators.payments.refunds({ customer: customer.id })].length, 1)
})

test('a refund needs a customer, an order of his that is paid, and products that there are', async () => {
  const { customer, orderId } = await bought(1)
  const { customer: other } = await bought(1)
  await refused(giveBack({ customerId: '447700999999' }), 400, /no customer 447700999999/)
  await refused(giveBack({ customerId: other.id, orderId }), 400, /has no paid order/)
  await refused(giveBack({ customerId: customer.id, orderId: 'none' }), 400, /has no paid order none/)
  const nope = [{ sku: 'NOPE', quantity: 1, unitPrice: '1' }]
  await refused(giveBack({ customerId: customer.id, lines: nope }), 404, /no product NOPE/)
  await shop.emulators.payments.decideNext(customer.id, 'decline')
  await customer.buys('MUG')
  await shop.settled()
  const { items } = await shop.get('/orders?status=cancelled')
  await refused(giveBack({ customerId: customer.id, orderId: items[0].id }), 400, /has no paid order/)
})

for (const [what, change] of [
  ['no lines', { lines: [] }],
  ['quantity 0', { lines: [{ sku: 'MUG', quantity: 0, unitPrice: '1' }] }],
  ['quantity 1,000,000', { lines: [{ sku: 'MUG', quantity: 1_000_000, unitPrice: '1' }] }],
  ['half a mug', { lines: [{ sku: 'MUG', quantity: 0.5, unitPrice: '1' }] }],
  ['a negative price', { lines: [{ sku: 'MUG', quantity: 1, unitPrice: '-1' }] }],
  ['a price of four decimals', { lines: [{ sku: 'MUG', quantity: 1, unitPrice: '1.0001' }] }],
  ['a price as a number', { lines: [{ sku: 'MUG', quantity: 1, unitPrice: 1 }] }],
  ['no date', { returnedAt: 'yesterday' }],
  ['an empty reference', { reference: '' }],
  ['a price of nothing', { lines: [{ sku: 'MUG', quantity: 1, unitPrice: '0' }] }],
] as const) {
  test(`a refund with ${what} is refused`, async () => {
    const customer = shop.customer()
    await customer.says('menu')
    const before = await traces(shop)
    const [status] = await giveBack({ customerId: customer.id, ...change })
    assert.equal(status, 400)
    assert.deepEqual(await traces(shop), before)
  })
}

test('a refund without an order is paid to the customer; a day later, by template', async () => {
  const customer = shop.customer()
  await customer.says('menu')
  await shop.passTime(25 * 60 * 60 * 1000)
  assert.equal((await giveBack({ customerId: customer.id, reference: 'C-late' }))[0], 201)
  const [repayment] = shop.emulators.payments.refunds({ customer: customer.id })
  assert.deepEqual([repayment?.amount, repayment?.charge], ['2.550', undefined])
  await shop.settled()
  const last = customer.heard().at(-1)!
  assert.deepEqual([last.type, last.text], ['template', 'Your refund of £2.55: C-late.'])
  assert.notEqual(last.status, 'failed')
})

test('two refunds at the same time do not together give back more than the order had', async () => {
  const { customer, orderId } = await bought(1)
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => giveBack({ customerId: customer.id, orderId })),
  )
  assert.deepEqual(answers.map(([status]) => status).toSorted(), [201, 400, 400, 400])
  assert.equal([...shop.emulators.payments.refunds({ customer: customer.id })].length, 1)
})
