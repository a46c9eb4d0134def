import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ChatContent } from 'portolan'
import * as answers from '../../src/application/chat/answers.ts'
import { commandOf } from '../../src/application/chat/command.ts'
import { Cart } from '../../src/domain/cart/cart.ts'
import { Product } from '../../src/domain/catalog/product.ts'
import { Money } from '../../src/domain/money.ts'
import { Order } from '../../src/domain/order/order.ts'

/** The limits of the WhatsApp Cloud API; in characters, so that no letter is cut in two. */
function requireDeliverable(content: ChatContent): void {
  const within = (text: string, most: number, what: string) => {
    assert.ok(text.trim().length > 0, `${what} is empty`)
    assert.ok(text.length <= most, `${what} has ${text.length} characters: ${text}`)
    assert.ok(text.isWellFormed(), `${what} breaks a letter in two: ${JSON.stringify(text)}`)
  }
  switch (content.type) {
    case 'text':
      within(content.body, 4096, 'text')
      return
    case 'buttons':
      within(content.body, 1024, 'body')
      assert.ok(content.buttons.length >= 1 && content.buttons.length <= 3)
      for (const { id, title } of content.buttons) {
        within(id, 256, 'id')
        within(title, 20, 'title')
      }
      return
    case 'list': {
      within(content.body, 1024, 'body')
      within(content.button, 20, 'button')
      const rows = content.sections.flatMap(section => section.rows)
      assert.ok(rows.length >= 1 && rows.length <= 10)
      assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length)
      for (const { id, title, description } of rows) {
        within(id, 200, 'id')
        within(title, 24, 'title')
        if (description !== undefined) within(description, 72, 'description')
      }
      return
    }
    case 'template':
      assert.ok((content.parameters ?? []).every(text => text.length > 0))
  }
}

const now = new Date(0)
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 500, size: 'max' }),
    fc.string({ unit: 'binary', maxLength: 500, size: 'max' }),
  )
  .map(text => text.toWellFormed().trim())
  .filter(text => text !== '')
const sku = fc.stringMatching(/^[A-Z0-9_]{1,32}$/)
const price = fc.bigInt(1n, 999_999_999_999_999n).map(units => Money.of(units))
const quantity = fc.integer({ min: 1, max: 999_999 })
const item = fc.record({ sku, name, unitPrice: price, quantity })

/** A cart with a total that the shop accepts. */
const cart = fc.array(item, { minLength: 1, maxLength: 40, size: 'max' }).map(items => {
  const cart = Cart.open('0195f0c0-0000-7000-8000-000000000000', '447700900123', now)
  for (const one of items) {
    const { unitPrice } = one
    cart.add(one, now)
    // Anything from small change to a billion.
    if (cart.total.units > 1_000_000_000_000n) {
      cart.remove(one.sku, now)
      cart.add({ ...one, unitPrice: Money.of(unitPrice.units % 10_000n), quantity: 1 }, now)
    }
  }
  return cart
})

test('menus and search results can be delivered whatever products and people are called', () => {
  const summary = fc.record({
    ...{ sku, name, stock: fc.nat() },
    price: price.map(amount => amount.toDecimal()),
  })
  const found = fc.uniqueArray(summary, { maxLength: 10, size: 'max', selector: product => product.sku })
  fc.assert(
    fc.property(name, found, fc.nat(), (text, products, offset) => {
      requireDeliverable(answers.menu(text, products))
      const results = answers.searchResults(text, offset, products)
      requireDeliverable(results)
      if (results.type !== 'list') return
      for (const { id, title } of results.sections.flatMap(section => section.rows)) {
        const command = commandOf({ type: 'choice', id, title })
        assert.match(command.kind, /^(show|search)$/)
      }
    }),
  )
})

test('the row that leads on asks for the same words', () => {
  const products = Array.from({ length: 10 }, (_, index) => ({
    ...{ sku: `P${index}`, name: 'PRODUCT', stock: 1, price: '1.000' },
  }))
  fc.assert(
    fc.property(name, words => {
      const asked = commandOf({ type: 'text', body: `search ${words}` })
      if (asked.kind !== 'search') return
      const results = answers.searchResults(asked.text, 0, products)
      const more = results.type === 'list' ? results.sections[0]!.rows.at(-1)! : assert.fail()
      const next = commandOf({ type: 'choice', id: more.id, title: more.title })
      assert.deepEqual(next, { ...asked, offset: answers.rowsPerPage })
    }),
  )
})

test('product cards can be delivered whatever the product', () => {
  const product = fc.record({
    ...{ sku, name, stock: fc.nat() },
    prices: fc.array(price, { minLength: 1, maxLength: 5 }),
  })
  fc.assert(
    fc.property(product, state => {
      const card = answers.productCard(Product.introduce(state))
      requireDeliverable(card)
      for (const { id, title } of card.type === 'buttons' ? card.buttons : []) {
        assert.match(commandOf({ type: 'choice', id, title }).kind, /^(add|cart)$/)
      }
    }),
  )
})

test('carts, prompts, reminders, confirmations and declines can be delivered whatever was bought', () => {
  fc.assert(
    fc.property(cart, fc.string({ unit: 'grapheme', maxLength: 300, size: 'max' }), (bought, reason) => {
      requireDeliverable(answers.cartContents(bought))
      requireDeliverable(answers.cartReminder(bought))
      bought.checkOut(now)
      const prompt = answers.checkoutPrompt(bought)
      requireDeliverable(prompt)
      const [pay] = prompt.type === 'buttons' ? prompt.buttons : []
      const command = commandOf({ type: 'choice', id: pay!.id, title: pay!.title })
      assert.deepEqual(command, { kind: 'pay', cartId: bought.id, revision: bought.revision })
      const order = Order.place('0195f0c0-0000-7000-8000-000000000001', bought, 'wamid.1', now)
      requireDeliverable(answers.orderConfirmed(order))
      requireDeliverable(answers.paymentReturned(order))
      order.cancel(reason)
      requireDeliverable(answers.orderCancelled(order, bought))
      assert.equal(answers.orderCancelled(order, undefined).type, 'text')
    }),
  )
})
