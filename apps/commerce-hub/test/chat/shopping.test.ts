import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase, skipWithout } from 'portolan-engines'
import { openShop } from '../harness/index.ts'

test('a customer looks around, fills a cart, pays, and everything that follows happens', () =>
  shopping('sqlite::memory:'))

for (const server of ['postgres', 'mysql'] as const) {
  test(`the same on ${server}`, { skip: await skipWithout(server) }, async () => {
    await using fresh = await freshDatabase(server)
    await shopping(fresh.url)
  })
}

async function shopping(databaseUrl: string): Promise<void> {
  await using shop = await openShop({ databaseUrl })
  const ada = shop.customer('Ada Lovelace')
  const { mail, payments } = shop.emulators

  const menu = await ada.says('menu')
  assert.match(menu.text, /^Hello Ada Lovelace, welcome/)
  assert.equal(menu.list?.button, 'See products')

  const found = await ada.says('search retrospot mug')
  const card = await ada.chooses(found, 'RED RETROSPOT MUG')
  assert.match(card.text, /\*RED RETROSPOT MUG\*\nNo\. MUG\n£2\.55 each\n20 in stock/)
  const cart = await ada.taps(card, 'Add 6')
  assert.match(cart.text, /6 × RED RETROSPOT MUG: £15\.30\n\*Total £15\.30\*/)
  assert.match((await ada.says('email ada@example.org')).text, /Receipts go to ada@example\.org/)
  const prompt = await ada.taps(cart, 'Checkout')
  assert.match(prompt.text, /\*Your order\*[\s\S]*Total £15\.30/)
  assert.equal(await shop.stock('MUG'), 20)

  const confirmation = await ada.taps(prompt, 'Pay £15.30')
  assert.match(confirmation.text, /Paid, thank you! Your order over \*£15\.30\* is confirmed/)
  await shop.settled()

  const { items: orders } = await shop.get('/orders')
  assert.equal(orders.length, 1)
  const order = await shop.get(`/orders/${orders[0].id}`)
  assert.equal(order.status, 'paid')
  assert.equal(order.total, '15.300')
  assert.equal(order.customerName, 'Ada Lovelace')
  assert.deepEqual(order.steps.toSorted(), ['confirmation', 'mail', 'receipt'])
  assert.deepEqual(order.lines, [
    {
      ...{ position: 1, sku: 'MUG', name: 'RED RETROSPOT MUG', quantity: 6 },
      ...{ unitPrice: '2.550', total: '15.300' },
    },
  ])
  assert.equal(await shop.stock('MUG'), 14)
  assert.equal((await shop.get('/products/MUG')).sold, 6)

  const charges = [...payments.charges()]
  assert.deepEqual(
    charges.map(({ id, amount, reference, customer }) => ({ id, amount, reference, customer })),
    [{ id: order.paymentId, amount: '15.300', reference: order.id, customer: ada.id }],
  )

  const [letter, ...others] = await mail.list()
  assert.equal(others.length, 0)
  assert.deepEqual([letter?.to, letter?.cc], [['ada@example.org'], ['orders@example.com']])
  assert.match(letter!.subject, /£15\.30/)
  assert.match(letter!.text, /6 x RED RETROSPOT MUG \(MUG\) at £2\.55: £15\.30/)

  const receipt = await fetch(`${shop.url}/receipts/${order.id}`)
  assert.match(receipt.headers.get('content-type')!, /^text\/html/)
  assert.match(await receipt.text(), /RED RETROSPOT MUG[\s\S]*£15\.30/)
  const pdf = await fetch(`${shop.url}/receipts/${order.id}/pdf`)
  assert.equal(pdf.headers.get('content-type'), 'application/pdf')
  assert.match(await pdf.text(), /^%PDF-/)

  const customer = await shop.get(`/customers/${ada.id}`)
  assert.deepEqual(
    [customer.name, customer.email, customer.orders, customer.spent],
    ['Ada Lovelace', 'ada@example.org', 1, '15.300'],
  )
  const { items: messages } = await shop.get(`/customers/${ada.id}/messages`)
  assert.equal(messages.length, 14)
  assert.deepEqual(new Set(messages.map(({ status }: { status: string }) => status)), new Set([null, 'read']))
  const { holds, inHand } = await shop.get('/status')
  assert.deepEqual([holds.orders, holds.paid, holds.customers], [1, 1, 1])
  assert.deepEqual(inHand, { jobs: 0, retrying: 0, messages: 0, dead: 0 })

  assert.match(await shop.page('/'), /<b>1<\/b><span>paid orders/)
  assert.match(await shop.page('/'), /data-head="Sales"[^>]*>£15\.30/)
  assert.match(await shop.page('/orders'), /Ada Lovelace[\s\S]*£15\.30[\s\S]*✓ receipt/)
  assert.match(
    await shop.page(`/orders/${order.id}`),
    new RegExp(`${order.paymentId}[\\s\\S]*Receipt as PDF`),
  )
  assert.match(await shop.page('/products?text=retrospot'), /RED RETROSPOT MUG[\s\S]*>14</)
  assert.match(await shop.page('/products/MUG'), /<dt>Sold<\/dt><dd>6/)
  assert.match(await shop.page(`/customers/${ada.id}`), /ada@example\.org/)
  assert.match(await shop.page('/conversations'), /Paid, thank you!/)
  assert.match(await shop.page(`/conversations/${ada.id}`), /search retrospot mug/)
  assert.match(await shop.page('/work'), /In hand: 0 jobs, 0 messages/)
}
