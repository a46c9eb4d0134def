import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Checkout } from '../../src/application/fulfilment/checkout.ts'
import { type ChatCustomer, openShop, type Shop, until } from '../harness/index.ts'

/** An order that nobody pays in time gives its goods back; money that comes after that goes back, too. */

const hour = 3_600_000

let shop: Shop
before(async () => {
  shop = await openShop()
})
afterEach(async () => {
  shop.emulators.payments.faults.reset()
  await shop.retried()
})
after(() => shop[Symbol.asyncDispose]())

const orderOf = async (customer: ChatCustomer) =>
  (await shop.get(`/orders?customerId=${customer.id}`)).items[0] as {
    id: string
    status: string
    cancelReason: string | null
    paymentId: string | null
  }

/** Lets a customer pay, and the time run out before the gateway says how that ended. Resolves with what the shop says then. */
async function runsOut(customer: ChatCustomer) {
  shop.emulators.payments.faults.set({ holdWebhooks: true })
  await customer.says('add PENDING')
  const prompt = await customer.says('checkout')
  const answered = customer.taps(prompt, /^Pay/)
  await until(
    async () =>
      (await shop.services.sagas.find(Checkout, (await orderOf(customer))?.id ?? '-')) !== undefined,
    'the checkout',
  )
  await until(
    () => [...shop.emulators.payments.charges({ customer: customer.id })].length === 1,
    'the charge',
  )
  const { jobs } = shop.services
  await until(async () => (await jobs.status()).running === 0, 'the answer to the charge')
  shop.clock.advance(hour)
  return answered
}

test('an order that is not paid in time is cancelled, its goods are released, and the customer may try again', async () => {
  const customer = shop.customer()
  const stock = await shop.stock('PENDING')
  const told = await runsOut(customer)
  assert.match(told.text, /payment of £0\.05 did not come in time, and the order was cancelled/)
  const order = await orderOf(customer)
  assert.deepEqual([order.status, order.cancelReason], ['cancelled', 'payment_overdue'])
  assert.equal(await shop.stock('PENDING'), stock)
  const saga = await until(async () => {
    const found = await shop.services.sagas.find(Checkout, order.id)
    return found?.status === 'failed' && found
  }, 'the end of the checkout')
  assert.deepEqual([saga.reason, saga.steps], ['payment_overdue', []])

  shop.emulators.payments.faults.reset()
  await shop.settled()
  const again = customer.taps(told, 'Try again')
  await until(
    () => [...shop.emulators.payments.charges({ customer: customer.id })].length === 2,
    'the charge',
  )
  shop.clock.advance(2_000)
  assert.match((await again).text, /Paid, thank you/)
  await shop.settled()
  assert.equal(await shop.stock('PENDING'), stock - 1)
})

test('a payment that comes after that goes back once, however often it is told', async () => {
  const customer = shop.customer()
  await runsOut(customer)
  shop.emulators.payments.faults.reset()
  const told = await customer.hears(/came after the order was cancelled\. It goes back to you/)
  assert.match(told.text, /£0\.05/)
  await shop.settled()
  const order = await orderOf(customer)
  const [charge] = shop.emulators.payments.charges({ customer: customer.id })
  const { settlePayment } = shop.services
  for (let n = 0; n < 2; n++) await settlePayment(order.id, { id: charge!.id, status: 'succeeded' })
  await shop.settled()
  assert.deepEqual([order.status, order.paymentId], ['cancelled', charge!.id])
  const returned = [...shop.emulators.payments.refunds({ customer: customer.id })]
  assert.deepEqual(
    returned.map(({ amount, charge, status }) => [Number(amount), charge, status]),
    [[0.05, charge!.id, 'succeeded']],
  )
  assert.equal(customer.heard().filter(({ text }) => /goes back to you\.$/.test(text)).length, 1)
})

test('an order that was paid is not touched when its time is up', async () => {
  const customer = shop.customer()
  assert.match((await customer.buys('MUG')).text, /Paid, thank you/)
  await shop.passTime(2 * hour)
  await shop.settled()
  const { id, status } = await orderOf(customer)
  assert.equal(status, 'paid')
  assert.equal((await shop.services.sagas.find(Checkout, id))!.status, 'completed')
  assert.equal(
    customer.heard().some(({ text }) => /did not come in time/.test(text)),
    false,
  )
})

test('where the gateway is down for too long, the goods are released without it', async () => {
  shop.emulators.payments.faults.set({ down: true })
  const customer = shop.customer()
  const stock = await shop.stock('MUG')
  await customer.says('add MUG 2')
  const prompt = await customer.says('checkout')
  const answered = customer.taps(prompt, /^Pay/)
  await until(async () => (await shop.get('/status')).inHand.retrying > 0, 'the charge to fail')
  shop.clock.advance(hour)
  assert.match((await answered).text, /did not come in time/)
  assert.equal(await shop.stock('MUG'), stock)
  shop.emulators.payments.faults.reset()
  await shop.retried()
  assert.deepEqual([...shop.emulators.payments.charges({ customer: customer.id })], [])
})
