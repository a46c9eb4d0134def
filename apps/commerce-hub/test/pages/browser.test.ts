import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, overflowing, skipWithoutBrowser } from '../harness/browser.ts'
import { openShop, type Shop, until } from '../harness/index.ts'

const phone = { width: 390, height: 844 }
const desk = { width: 1280, height: 800 }
/** A folder for pictures of every page, for people who change its style. */
const pictures = process.env.SCREENSHOTS

let browser: Browser
let shop: Shop
const skip = skipWithoutBrowser
before(async () => {
  if (skip) return
  browser = await openBrowser()
  shop = await openShop()
})
after(async () => {
  await browser?.close()
  await shop?.[Symbol.asyncDispose]()
})

async function picture(page: Page, name: string): Promise<void> {
  if (!pictures) return
  await mkdir(pictures, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), fullPage: true })
  }
}

test('a person shops on the chat page, and the staff see it happen without reloading', { skip }, async () => {
  const staff = await openPage(browser, { viewport: desk })
  await staff.page.goto(`${shop.url}/orders`)
  await staff.page.getByText('live', { exact: true }).waitFor()
  await staff.page.getByText('There are none.').waitFor()
  const loaded = () => staff.page.evaluate('performance.timeOrigin')
  const before = await loaded()

  const customer = await openPage(browser, { viewport: phone })
  const chat = customer.page
  await chat.goto(`${shop.emulators.url}/chat`)
  await chat.getByRole('button', { name: 'New customer' }).click()
  await chat.getByLabel('Name').fill('Ada Lovelace')
  await chat.getByLabel('Phone number').fill('+44 7700 900123')
  await chat.getByRole('button', { name: 'Start chatting' }).click()
  await chat.waitForURL('**/chat/447700900123')
  const say = async (text: string) => {
    await chat.getByLabel('Message', { exact: true }).fill(text)
    await chat.keyboard.press('Enter')
  }
  await say('menu')
  const messages = chat.locator('#messages')
  await messages.getByText('Hello Ada Lovelace, welcome to our gift shop!').waitFor()
  await say('search retrospot')
  await messages.getByRole('button', { name: 'See products' }).last().click()
  await chat.getByRole('dialog').getByRole('button', { name: 'RED RETROSPOT MUG' }).click()
  await messages.getByRole('button', { name: 'Add 6' }).click()
  await messages.getByRole('button', { name: 'Checkout' }).click()
  await messages.getByRole('button', { name: 'Pay £15.30' }).click()
  await messages.getByText('Paid, thank you!').waitFor()

  // The order, and what was done for it, on a page that nobody touched.
  const row = staff.page.getByRole('row').filter({ hasText: 'Ada Lovelace' })
  await row.getByText('paid', { exact: true }).waitFor()
  for (const step of ['receipt', 'mail', 'confirmation']) await row.getByText(`✓ ${step}`).waitFor()
  assert.equal(await loaded(), before)
  assert.match((await row.textContent())!, /£15\.30/)

  // The receipt, the mail and the stock.
  await row.getByRole('link').first().click()
  await staff.page.getByRole('heading', { name: 'Order' }).waitFor()
  await staff.page.getByRole('link', { name: 'Receipt', exact: true }).click()
  await staff.page.getByText('Total paid').waitFor()
  await staff.page.goBack()
  await staff.page.getByRole('link', { name: 'MUG', exact: true }).click()
  const inStock = staff.page.locator('dt', { hasText: 'In stock' }).locator('xpath=following-sibling::dd')
  await until(async () => (await inStock.textContent()) === '14', 'the stock to be 14')
  await chat.goto(`${shop.emulators.url}/mail`)
  await chat
    .getByText(/^Order .*£15\.30$/)
    .first()
    .waitFor()

  assert.deepEqual([...staff.problems, ...customer.problems], [])
})

test('what is being typed stays while a page refreshes itself', { skip }, async () => {
  const { page, problems } = await openPage(browser, { viewport: desk })
  await page.goto(`${shop.url}/customers`)
  await page.getByText('live', { exact: true }).waitFor()
  await page.getByRole('searchbox').fill('half a na')
  await shop.customer('Newcomer').says('menu')
  await page.getByText('Newcomer', { exact: true }).waitFor()
  assert.equal(await page.getByRole('searchbox').inputValue(), 'half a na')
  assert.deepEqual(problems, [])
})

test('a page says when the shop is away, and catches up when it is back', { skip }, async () => {
  const { page } = await openPage(browser, { viewport: desk })
  await page.goto(`${shop.url}/conversations`)
  await page.getByText('live', { exact: true }).waitFor()
  await page.context().setOffline(true)
  await shop.customer('Meanwhile').says('menu')
  await page.context().setOffline(false)
  await page.getByText('Meanwhile', { exact: true }).waitFor()
})

test('failed work is shown, and sent on its way again by a button', { skip }, async () => {
  const { page, problems } = await openPage(browser, { viewport: phone })
  await page.goto(`${shop.url}/work`)
  await page.getByText('live', { exact: true }).waitFor()
  shop.emulators.whatsapp.faults.set({ down: true })
  const customer = shop.customer('Waiting')
  await customer.phone.sendText('menu')
  await page.getByText('send-chat-message').waitFor()
  await until(async () => (await shop.get('/status')).inHand.retrying > 0, 'the retry')
  await shop.retried()
  await page.getByRole('button', { name: 'Discard' }).waitFor()
  await picture(page, 'work-dead-phone')
  shop.emulators.whatsapp.faults.reset()
  await page.getByRole('button', { name: 'Try again' }).click()
  await until(() => customer.heard().length === 1, 'the answer')
  await page.getByText('Nothing: all is well.').nth(1).waitFor()
  assert.deepEqual(problems, [])
})

test('how often lookups were at hand is seen to rise, on a phone', { skip }, async () => {
  const { page, problems } = await openPage(browser, { viewport: phone })
  await page.goto(`${shop.url}/work`)
  await page.getByText('live', { exact: true }).waitFor()
  const searches = page.getByRole('row', { name: 'searches' })
  for (let time = 0; time < 10; time++)
    await shop.services.productSearch.search('retrospot', { limit: 10, offset: 0 })
  // An order has the page fetch itself anew.
  await shop.customer('Searching').says('cart')
  await searches.getByRole('meter', { name: 'Hit rate of searches' }).waitFor()
  await searches.getByText(/^\d+ %$/).waitFor()
  await picture(page, 'work-cache-phone')
  assert.deepEqual(await overflowing(page), [])
  assert.deepEqual(problems, [])
})

test('every page fits a phone and a desk, without an error', { skip }, async () => {
  const grace = shop.customer('Grace Brewster Murray Hopper, of a rather long name indeed')
  await grace.says('email grace.brewster.murray.hopper@a-rather-long-domain.example.org')
  await grace.says('add 85123A 12')
  await grace.buys('MUG', 2)
  await shop.emulators.payments.decideNext(grace.id, 'decline')
  await grace.buys('LAST')
  await shop.settled()
  const { items } = await shop.get(`/orders?customerId=${grace.id}`)
  const [paid, cancelled] = ['paid', 'cancelled'].map(
    status => items.find((order: { status: string }) => order.status === status).id,
  )
  const refund = {
    ...{ reference: 'C536379', customerId: grace.id, orderId: paid, returnedAt: '2010-12-05T10:00:00Z' },
    lines: [{ sku: 'MUG', quantity: 1, unitPrice: '2.55' }],
  }
  assert.equal((await shop.post('/refunds', refund)).status, 201)
  shop.emulators.whatsapp.faults.set({ down: true })
  await grace.phone.sendText('help')
  await until(async () => (await shop.get('/status')).inHand.retrying > 0, 'the retry')

  const paths = {
    ...{ overview: '/', orders: '/orders', cancelled: '/orders?status=cancelled', refunds: '/refunds' },
    ...{ order: `/orders/${paid}`, 'order-cancelled': `/orders/${cancelled}`, products: '/products' },
    ...{ product: '/products/MUG', customers: '/customers', customer: `/customers/${grace.id}` },
    ...{ conversations: '/conversations', conversation: `/conversations/${grace.id}`, work: '/work' },
    ...{ receipt: `/receipts/${paid}`, docs: '/docs' },
  }
  for (const [size, viewport] of Object.entries({ phone, desk })) {
    const { page, problems } = await openPage(browser, { viewport })
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${shop.url}${path}`)
      assert.deepEqual(await overflowing(page), [], `${path} on a ${size}`)
      await picture(page, `${name}-${size}`)
    }
    assert.deepEqual(problems, [], size)
    await page.context().close()
  }
  shop.emulators.whatsapp.faults.reset()
  await shop.retried()
})
