import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { openBrowser, openPage } from '../support/browser.ts'
import { request, send, startEmulators, until } from '../support/emulators.ts'
import { startReceiver } from '../support/receiver.ts'

const sizes = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
] as const

for (const viewport of sizes) {
  test(`a person plays the customer, ${viewport.width} pixels wide`, { timeout: 120_000 }, async t => {
    await using receiver = await startReceiver()
    await using emulators = await startEmulators(receiver, {
      whatsapp: { businessName: 'Portolan Gifts' },
      catalogue: async ({ search }) =>
        [
          { id: '85123A', name: 'White hanging heart', price: '2.55', currency: 'GBP' },
          { id: '71053', name: 'White metal lantern', price: '3.390', currency: 'GBP' },
        ].filter(({ name }) => name.toLowerCase().includes(search.toLowerCase())),
    })
    const browser = await openBrowser(t)
    if (!browser) return
    try {
      const { page, problems } = await openPage(browser, { viewport })
      await page.goto(`${emulators.url}/chat`)

      await page.getByRole('button', { name: 'New customer' }).click()
      await page.getByLabel('Name').fill('Ada <b>Lovelace</b>')
      await page.getByLabel('Phone number').fill('+44 7700 900123')
      await page.getByRole('button', { name: 'Start chatting' }).click()
      await page.waitForURL('**/chat/447700900123')
      await page.getByText('You are Ada <b>Lovelace</b>').waitFor()

      // Text, and its ticks.
      await page.getByLabel('Message', { exact: true }).fill('menu <img src=x onerror=alert(1)>')
      await page.keyboard.press('Enter')
      await page.locator('.mine[data-status="delivered"]').waitFor()
      assert.equal(receiver.messages()[0]?.text?.body, 'menu <img src=x onerror=alert(1)>')
      await mark(receiver.messages()[0]!.id)
      await page.locator('.typing').waitFor()

      // The answer arrives by itself; its buttons work.
      await send(emulators, {
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'What would you like, *Ada*?' },
          action: { buttons: [{ type: 'reply', reply: { id: 'browse', title: 'Browse' } }] },
        },
      })
      // The list of customers shows it as well, as the last.
      await page.getByRole('log').getByText('What would you like, Ada?').waitFor()
      await page.locator('.typing').waitFor({ state: 'hidden' })
      assert.equal(await page.locator('.mine').first().getAttribute('data-status'), 'read')
      await page.getByRole('button', { name: 'Browse' }).click()
      await until(() => receiver.messages().length === 2)
      assert.deepEqual(receiver.messages()[1]?.interactive, {
        type: 'button_reply',
        button_reply: { id: 'browse', title: 'Browse' },
      })

      // A list is a sheet.
      await send(emulators, {
        type: 'interactive',
        interactive: {
          type: 'list',
          body: { text: 'We have' },
          action: {
            button: 'See products',
            sections: [{ rows: [{ id: 'p:1', title: 'Lantern', description: 'Metal' }] }],
          },
        },
      })
      await page.getByRole('button', { name: 'See products' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Lantern' }).click()
      await until(() => receiver.messages().length === 3)
      await page.getByRole('dialog').waitFor({ state: 'hidden' })

      // The native cart.
      await page.getByRole('button', { name: 'Catalogue' }).click()
      await page.getByLabel('Search products').fill('lantern')
      await page.getByText('White hanging heart').waitFor({ state: 'hidden' })
      const more = page.getByRole('button', { name: 'One more White metal lantern' })
      await more.click()
      await more.click()
      await page.getByRole('button', { name: 'Send order · GBP 6.78' }).click()
      await page.locator('.cart').waitFor()
      await until(() => receiver.messages().length === 4)
      assert.deepEqual(receiver.messages()[3]?.order?.product_items, [
        { product_retailer_id: '71053', quantity: 2, item_price: 3.39, currency: 'GBP' },
      ])

      await page.getByLabel('Next payment').selectOption('decline')
      await until(() => emulators.payments.nextDecision('447700900123') === 'decline')

      assert.equal(await widerThanScreen(page), false, 'nothing is wider than the screen')
      assert.deepEqual(problems, [])
    } finally {
      await browser.close()
    }

    async function mark(id: string): Promise<void> {
      const body = {
        messaging_product: 'whatsapp',
        status: 'read',
        message_id: id,
        typing_indicator: { type: 'text' },
      }
      await request('POST', `${emulators.whatsapp.url}/v23.0/106540352242922/messages`, body, {
        authorization: 'Bearer token',
      })
    }
  })
}

test('the other pages live, and fit a phone', { timeout: 120_000 }, async t => {
  await using emulators = await startEmulators()
  const browser = await openBrowser(t)
  if (!browser) return
  try {
    const { page, problems } = await openPage(browser, { viewport: sizes[0] })
    await page.goto(`${emulators.url}/payments`)
    await page.getByText('No payments yet').waitFor()
    const body = { amount: '0.02', currency: 'GBP', reference: 'order-9', customer: 'c' }
    await request('POST', `${emulators.payments.url}/v1/charges`, body, {
      authorization: 'Bearer api-key',
      'idempotency-key': 'k',
    })
    await page.getByText('order-9').waitFor()
    await page.getByText('card_declined').waitFor()
    assert.equal(await widerThanScreen(page), false)

    await page.goto(emulators.url)
    await page.getByText('WhatsApp', { exact: true }).click()
    await page.getByRole('switch', { name: 'Hold webhooks' }).first().check()
    await until(() => emulators.whatsapp.faults.current.holdWebhooks)
    await page.getByLabel('Duplicate webhooks').first().fill('25')
    await page.keyboard.press('Tab')
    await until(() => emulators.whatsapp.faults.current.duplicateWebhookRate === 0.25)
    const reloaded = page.waitForEvent('load')
    await page.getByRole('button', { name: 'Back to normal' }).first().click()
    await reloaded
    await until(() => !emulators.whatsapp.faults.current.holdWebhooks)
    assert.equal(await widerThanScreen(page), false)
    assert.deepEqual(problems, [])
  } finally {
    await browser.close()
  }
})

function widerThanScreen(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > window.innerWidth') as Promise<boolean>
}
