import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { signPaymentPayload } from 'portolan/services'
import { emulatorSecrets } from '../../src/infrastructure/config.ts'
import { type ChatCustomer, openShop, type Shop, until } from '../harness/index.ts'

/** However the gateway answers, order and stock agree with the money that moved. */

let shop: Shop
before(async () => {
  shop = await openShop()
})
afterEach(async () => {
  shop.emulators.payments.faults.reset()
  await shop.retried()
  const { inHand } = await shop.get('/status')
  assert.deepEqual(inHand, { jobs: 0, retrying: 0, messages: 0, dead: 0 })
})
after(() => shop[Symbol.asyncDispose]())

const ordersOf = async (customer: ChatCustomer) =>
  (await shop.get(`/orders?customerId=${customer.id}`)).items as {
    id: string
    status: string
    cancelReason: string | null
    paymentId: string | null
  }[]
const chargesOf = (customer: ChatCustomer) => [...shop.emulators.payments.charges({ customer: customer.id })]

test('a declined payment cancels the order and releases the stock, and the customer may try again', async () => {
  const customer = shop.customer()
  const stock = await shop.stock('MUG')
  await shop.emulators.payments.decideNext(customer.id, 'decline')
  const declined = await customer.buys('MUG', 4)
  assert.match(declined.text, /payment of £10\.20 was declined \(card declined\)\. Nothing was charged/)
  await shop.settled()
  const [order] = await ordersOf(customer)
  assert.deepEqual([order!.status, order!.cancelReason], ['cancelled', 'card_declined'])
  assert.equal(await shop.stock('MUG'), stock)
  assert.match(await shop.page(`/orders/${order!.id}`), /card declined/)
  assert.equal((await fetch(`${shop.url}/receipts/${order!.id}`)).status, 404)

  const paid = await customer.taps(declined, 'Try again')
  assert.match(paid.text, /Paid, thank you/)
  await shop.settled()
  assert.deepEqual((await ordersOf(customer)).map(({ status }) => status).toSorted(), ['cancelled', 'paid'])
  assert.equal(await shop.stock('MUG'), stock - 4)
  assert.deepEqual(
    chargesOf(customer).map(({ status }) => status),
    ['declined', 'succeeded'],
  )
  assert.equal(shop.emulators.mail.count(), 1)
})

test('a card that is declined every time keeps the stock as it was', async () => {
  const customer = shop.customer()
  let answer = await customer.buys('DECLINED', 1)
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.match(answer.text, /was declined \(card declined\)/)
    answer = await customer.taps(answer, 'Try again')
  }
  await shop.settled()
  assert.equal(await shop.stock('DECLINED'), 5)
  assert.equal((await ordersOf(customer)).length, 4)
})

test('a declined order message can be confirmed again, too', async () => {
  const customer = shop.customer()
  await shop.emulators.payments.decideNext(customer.id, 'decline')
  const prompt = await customer.orders({ productId: '85123A', unitPrice: '2.95', quantity: 2 })
  const declined = await customer.taps(prompt, 'Pay £5.90')
  assert.match((await customer.taps(declined, 'Try again')).text, /Paid, thank you/)
})

test('a charge that timed out is asked for again, and made once', async () => {
  const customer = shop.customer()
  const requests = shop.emulators.payments.requests()
  // The webhook would settle it; the answer to the second request has to.
  shop.emulators.payments.faults.set({ holdWebhooks: true })
  await customer.says('add LATE')
  const prompt = await customer.says('checkout')
  const paid = customer.taps(prompt, /^Pay/)
  await until(() => shop.emulators.payments.requests() === requests + 1, 'the charge')
  await until(() => chargesOf(customer).length === 1, 'the money to move')
  // An attempt of the client has eight seconds.
  shop.clock.advance(8_000)
  assert.match((await paid).text, /Paid, thank you/)
  assert.equal(shop.emulators.payments.requests(), requests + 2)
  assert.equal(chargesOf(customer).length, 1)
  assert.equal(await shop.stock('LATE'), 4)
})

test('the webhook settles what the answer leaves open', async () => {
  const customer = shop.customer()
  const requests = shop.emulators.payments.requests()
  assert.match((await customer.buys('LATE')).text, /Paid, thank you/)
  assert.equal(shop.emulators.payments.requests(), requests + 1)
  // The job still waits for its answer; the second one finds the order paid.
  shop.clock.advance(8_000)
  await shop.settled()
  assert.equal(shop.emulators.payments.requests(), requests + 2)
  assert.deepEqual(
    (await ordersOf(customer)).map(({ status }) => status),
    ['paid'],
  )
  assert.equal(chargesOf(customer).length, 1)
})

test('a charge whose connection broke is asked for again, and made once', async () => {
  shop.emulators.payments.faults.set({ resetRate: 1, nextRequests: 2, holdWebhooks: true })
  const customer = shop.customer()
  assert.match((await customer.buys('MUG')).text, /Paid, thank you/)
  assert.equal(chargesOf(customer).length, 1)
  shop.emulators.payments.faults.reset()
})

test('a payment that is told twice counts once', async () => {
  const customer = shop.customer()
  const mails = shop.emulators.mail.count()
  assert.match((await customer.buys('TWICE')).text, /Paid, thank you/)
  await shop.settled()
  assert.equal(await shop.stock('TWICE'), 4)
  assert.equal(shop.emulators.mail.count(), mails + 1)
  assert.equal(customer.heard().filter(({ text }) => /Paid/.test(text)).length, 1)
})

test('a pending payment leaves the order waiting until the webhook says how it ended', async () => {
  const customer = shop.customer()
  await customer.says('add PENDING')
  const prompt = await customer.says('checkout')
  const paid = customer.taps(prompt, /^Pay/)
  await until(() => chargesOf(customer).length === 1, 'the charge')
  await shop.settled()
  assert.equal((await ordersOf(customer))[0]!.status, 'placed')
  assert.equal(await shop.stock('PENDING'), 4)
  assert.match(await shop.page('/orders?status=placed'), new RegExp(customer.id))
  shop.clock.advance(2_000)
  assert.match((await paid).text, /Paid, thank you/)
})

/** An event of the gateway, as it would post it. */
function tell(payment: object, secret: string = emulatorSecrets.paymentsWebhookSecret, at?: Date) {
  const { object, status } = payment as { object: string; status: string }
  const created = Math.floor(shop.clock.now() / 1000)
  const body = JSON.stringify({ id: 'evt_1', type: `${object}.${status}`, created, data: payment })
  return fetch(`${shop.url}/webhooks/payments`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'payment-signature': signPaymentPayload(body, secret, at ?? new Date(shop.clock.now())),
    },
    body,
  })
}

test('the first event that says how a payment ended counts; repeated and contrary ones change nothing', async () => {
  const customer = shop.customer()
  const mails = shop.emulators.mail.count()
  await customer.says('add PENDING')
  const prompt = await customer.says('checkout')
  const paid = customer.taps(prompt, /^Pay/)
  const [charge] = await until(() => {
    const charges = chargesOf(customer)
    return charges.length > 0 && charges
  }, 'the charge')
  const succeeded = { ...charge, status: 'succeeded' }
  const answers = await Promise.all([1, 2, 3].map(() => tell(succeeded)))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.match((await paid).text, /Paid, thank you/)
  assert.equal((await tell({ ...charge, status: 'declined', reason: 'changed_my_mind' })).status, 200)
  assert.equal((await tell({ ...succeeded, id: 'ch_another' })).status, 200)
  // And the gateway's own.
  shop.clock.advance(2_000)
  await shop.settled()
  const [order] = await ordersOf(customer)
  assert.deepEqual([order!.status, order!.paymentId], ['paid', charge!.id])
  assert.equal(customer.heard().filter(({ text }) => /Paid/.test(text)).length, 1)
  assert.equal(shop.emulators.mail.count(), mails + 1)
})

test('an event with a wrong or an old signature, or of an unknown order, changes nothing', async () => {
  const customer = shop.customer()
  await customer.says('add PENDING')
  const prompt = await customer.says('checkout')
  const paid = customer.taps(prompt, /^Pay/)
  await until(() => chargesOf(customer).length === 1, 'the charge')
  const [order] = await ordersOf(customer)
  const payment = {
    ...{ id: 'ch_x', object: 'charge', status: 'declined', amount: '0.05', currency: 'GBP' },
    ...{ reference: order!.id, customer: customer.id, created: 1 },
  }
  assert.equal((await tell(payment, 'another secret')).status, 401)
  const old = new Date(shop.clock.now() - 3_600_000)
  assert.equal((await tell(payment, emulatorSecrets.paymentsWebhookSecret, old)).status, 401)
  assert.equal((await tell({ ...payment, amount: 'a lot' })).status, 400)
  assert.equal((await tell({ ...payment, reference: 'nobody' })).status, 200)
  await shop.settled()
  assert.equal((await ordersOf(customer))[0]!.status, 'placed')
  shop.clock.advance(2_000)
  assert.match((await paid).text, /Paid, thank you/)
})
