import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openShop, type Shop, until } from './harness/index.ts'

/** What the shop does by the clock. */

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop[Symbol.asyncDispose]())

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Moves to the next moment that the pattern of a schedule names, in UTC. */
async function nextAt(step: number, offset = 0): Promise<void> {
  const now = shop.clock.now()
  await shop.passTime(step - ((now - offset) % step) + 50)
}

function inLondon(at: number | Date | string): string {
  return new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Europe/London' })
}

/** Runs the quarter-hourly schedule, and waits until it has. */
async function quarterHour(): Promise<void> {
  await nextAt(15 * minute)
  await shop.settled()
}

test('a cart that was left for an hour is brought to mind, once, and can be paid from there', async () => {
  const [ada, bob, empty] = [shop.customer('Ada'), shop.customer('Bob'), shop.customer('Empty')]
  await ada.says('add MUG 2')
  await empty.says('add MUG 1')
  await empty.says('clear')
  await shop.passTime(30 * minute)
  await bob.says('add MUG 3')
  await quarterHour()
  assert.equal(ada.heard().length, 1)

  await shop.passTime(30 * minute)
  await quarterHour()
  const reminder = await ada.hears(/Your cart is still waiting for you/)
  assert.match(reminder.text, /2 × RED RETROSPOT MUG: £5\.10/)
  assert.equal(bob.heard().length, 1)
  for (let time = 0; time < 8; time++) await quarterHour()
  await bob.hears(/Your cart is still waiting/)
  assert.equal(ada.heard().length, 2)
  assert.equal(empty.heard().length, 2)

  const prompt = await ada.taps(reminder, 'Checkout')
  assert.match((await ada.taps(prompt, 'Pay £5.10')).text, /Paid, thank you/)
})

test('nobody is written to outside of the 24 hours that WhatsApp allows', async () => {
  const customer = shop.customer()
  await customer.says('add MUG')
  await shop.passTime(25 * hour)
  await quarterHour()
  await quarterHour()
  assert.equal(customer.heard().length, 1)
})

test('an unfinished cart expires after a week, and its buttons say so', async () => {
  const customer = shop.customer()
  await customer.says('add LAST')
  const prompt = await customer.says('checkout')
  await shop.passTime(6 * day)
  await nextAt(day, 4 * hour)
  await shop.settled()
  assert.match((await customer.says('cart')).text, /LAST LANTERN/)
  await shop.passTime(day)
  await nextAt(day, 4 * hour)
  await until(async () => {
    await shop.settled()
    const [cart] = await shop.services.database.query('select status from carts', [])
    return cart!.status === 'expired'
  }, 'the cart to expire')
  assert.match((await customer.taps(prompt, /^Pay/)).text, /This cart has expired\. Please fill a new one/)
  assert.match((await customer.says('cart')).text, /Your cart is empty/)
  assert.match((await customer.buys('LAST')).text, /Paid, thank you/)
})

test('the figures of the day before are mailed to the shop at six in London', async () => {
  const customer = shop.customer()
  const today = new Date(shop.clock.now()).toISOString().slice(0, 10)
  await customer.buys('MUG', 2)
  await customer.buys('85123A')
  await shop.settled()
  const orders = (await shop.get('/orders')).items
  const refund = {
    ...{ reference: 'C1', customerId: customer.id, orderId: orders[0].id },
    returnedAt: new Date(shop.clock.now()).toISOString(),
    lines: [{ sku: '85123A', quantity: 1, unitPrice: '2.95' }],
  }
  assert.equal((await shop.post('/refunds', refund)).status, 201)
  await shop.settled()

  const reports = async (date: string) => {
    const letters = await shop.emulators.mail.list()
    return letters.filter(({ subject }) => subject === `The shop on ${date}`)
  }
  /** The report that is mailed at the next six o'clock in London, whether it is summer there or not. */
  const reportOf = async (date: string) => {
    do await nextAt(hour)
    while (!/^06:/.test(inLondon(shop.clock.now())))
    return until(async () => (await reports(date)).at(0), 'the report')
  }
  const letter = await reportOf(today)
  assert.match(inLondon(letter.at), /^06:00/)
  assert.deepEqual(letter.to, ['orders@example.com'])
  assert.match(letter.text, /Orders: {3}2, worth £8\.05\s+Refunds: {2}1, worth £2\.95\s+Net: {6}£5\.10/)

  const tomorrow = new Date(new Date(today).getTime() + day).toISOString().slice(0, 10)
  const quiet = await reportOf(tomorrow)
  assert.match(quiet.text, /Nothing was sold and nothing came back/)
  for (const date of [today, tomorrow]) assert.equal((await reports(date)).length, 1)
})

test('conversations and old carts are deleted after a year; orders stay', async () => {
  const [old, recent] = [shop.customer('Old'), shop.customer('Recent')]
  await old.buys('MUG', 1)
  await shop.passTime(364 * day)
  await recent.buys('MUG', 1)
  await shop.passTime(2 * day)
  const messages = async ({ id }: { id: string }) =>
    (await shop.get(`/customers/${id}/messages`)).items.length
  await until(async () => {
    await nextAt(hour)
    await shop.settled()
    return (await messages(old)) === 0
  }, 'the conversation to be gone')
  assert.ok((await messages(recent)) > 0)
  const carts = await shop.services.database.query<{ customer_id: string }>('select customer_id from carts')
  assert.deepEqual(carts, [{ customer_id: recent.id }])
  assert.equal((await shop.get('/orders')).items.length, 2)
})
