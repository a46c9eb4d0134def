import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { createReceiveChat } from '../../src/application/chat/receive-chat.ts'
import { messagesStored, meta, openShop, type Shop } from '../harness/index.ts'

/** Who writes or asks too often. */

const told = /faster than we can read/

async function write(shop: Shop, waId: string, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const { status } = await meta.post(shop.url, meta.webhook([{ messages: [meta.text(waId, 'cart')] }]))
    assert.equal(status, 200)
  }
  await shop.settled()
}

test('who writes too fast is told so once, then met with silence, and answered again a minute later', async () => {
  await using shop = await openShop({ env: { LIMIT_MESSAGES: '5' } })
  const [fast, other] = [shop.customer(), shop.customer()]
  await write(shop, fast.id, 12)
  const heard = fast.heard().map(({ text }) => told.test(text))
  assert.deepEqual(heard.toSorted(), [false, false, false, false, false, true])
  assert.equal(await messagesStored(shop), 12, 'everything is there for the staff')

  await write(shop, other.id, 1)
  assert.equal(other.heard().length, 1, 'others are not held up')

  await shop.passTime(60_000)
  await write(shop, fast.id, 6)
  assert.equal(fast.heard().length, 6 + 5, 'it is answered again, and not told again')
  assert.deepEqual(shop.services.operations.limits(), [
    { name: 'customer-messages', perMinute: 5, allowed: 5 + 1 + 5, denied: 7 + 1 },
  ])
  assert.match(await shop.page('/work'), /customer-messages[\s\S]*>11<[\s\S]*>8</)
})

test('a message that is delivered again counts once', async () => {
  await using shop = await openShop({ env: { LIMIT_MESSAGES: '2' } })
  const customer = shop.customer()
  const body = meta.webhook([{ messages: [meta.text(customer.id, 'cart', 'wamid.again')] }])
  for (let at = 0; at < 5; at++) await meta.post(shop.url, body)
  await write(shop, customer.id, 1)
  assert.deepEqual(
    customer.heard().map(({ text }) => told.test(text)),
    [false, false],
  )
})

test('a message counts once, and is answered once, when its unit of work has to run again', async () => {
  await using shop = await openShop({ env: { LIMIT_MESSAGES: '1' } })
  const { services } = shop
  let deadlocks = 0
  const unitOfWork = Object.assign(Object.create(services.database), {
    run: (work: () => Promise<void>) =>
      services.database.run(async () => {
        await work()
        if (++deadlocks % 2 === 1) throw new InfrastructureError('conflict', 'A deadlock.', { retry: 'now' })
      }),
  })
  const receiveChat = createReceiveChat({ ...services, limits: services.limits.customers, unitOfWork })
  const customer = shop.customer()
  const sentAt = new Date(shop.clock.now())
  const said = (id: string) => ({
    ...{ id, customerId: customer.id, waId: customer.id, name: undefined, sentAt },
    content: { type: 'text', body: 'cart' } as const,
  })
  for (const id of ['wamid.one', 'wamid.two', 'wamid.three']) await receiveChat([said(id)], [])
  await shop.settled()
  assert.equal(deadlocks, 6)
  const heard = customer.heard().map(({ text }) => told.test(text))
  assert.deepEqual(heard.toSorted(), [false, true])
  const [figures] = services.operations.limits()
  assert.deepEqual(figures, { name: 'customer-messages', perMinute: 1, allowed: 1, denied: 2 })
})

test('a customer who writes too fast still gets what was paid', async () => {
  await using shop = await openShop({ env: { LIMIT_MESSAGES: '3', LIMIT_REQUESTS: '20' } })
  const customer = shop.customer()
  await customer.buys('MUG')
  await write(shop, customer.id, 10)
  await shop.settled()
  const { items } = (await (await fetch(`${shop.url}/v1/orders`)).json()) as { items: { status: string }[] }
  assert.deepEqual(
    items.map(({ status }) => status),
    ['paid'],
  )
})

test('an address that asks too often gets 429 and is told when to come back; webhooks and health are not limited', async () => {
  await using shop = await openShop({ env: { LIMIT_REQUESTS: '10' }, shelf: false })
  const asked = []
  for (let at = 0; at < 11; at++) asked.push(await fetch(`${shop.url}/v1/status`))
  assert.deepEqual(
    asked.map(({ status }) => status),
    [...Array.from({ length: 10 }, () => 200), 429],
  )
  const { headers } = asked.at(-1)!
  assert.equal(headers.get('retry-after'), '6')
  assert.equal(headers.get('ratelimit-policy'), '"address-requests";q=10;w=60')
  assert.equal(headers.get('ratelimit'), '"address-requests";r=0;t=6')

  const customer = shop.customer()
  await write(shop, customer.id, 12)
  assert.equal(customer.heard().length, 12)
  assert.equal((await fetch(`${shop.url}/health/live`)).status, 200)
  shop.clock.advance(60_000)
  const [figures] = shop.services.operations.limits()
  assert.deepEqual(figures, { name: 'address-requests', perMinute: 10, allowed: 10, denied: 1 })
  assert.equal((await fetch(`${shop.url}/work`)).status, 200)
})
