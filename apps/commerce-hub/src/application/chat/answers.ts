import type { ChatContent, ListRow, ReplyButton } from 'portolan'
import type { Cart } from '../../domain/cart/cart.ts'
import type { Product } from '../../domain/catalog/product.ts'
import { type Line, lineTotal } from '../../domain/line.ts'
import { Money } from '../../domain/money.ts'
import { type Order, paymentOverdue } from '../../domain/order/order.ts'
import type { Refund } from '../../domain/refund/refund.ts'
import { clip } from '../../domain/text.ts'
import type { ProductSummary } from '../ports/product-search.ts'

/** Everything that the shop says in a chat. Button ids are read back by `command.ts`. */

/** Rows that fit into a list beside the one that leads on. */
export const rowsPerPage = 9

const helpText = `*How to shop here*
• *menu*: what others like
• *search mug*: look for something
• *add 85123A 2*: put two into your cart
• *remove 85123A*: take it out again
• *cart*: what is in it
• *checkout*: see the total and pay
• *email jo@example.org*: where receipts go
• *return*: when something is not as it should be`

export function text(body: string): ChatContent {
  return { type: 'text', body }
}

export function tooFast(): ChatContent {
  return text(
    'Sorry, you write faster than we can read. Please wait a minute; what you sent since then, please send again.',
  )
}

export function help(): ChatContent {
  return text(helpText)
}

export function menu(name: string, popular: readonly ProductSummary[]): ChatContent {
  const welcome = `Hello ${clip(name, 60)}, welcome to our gift shop!`
  if (popular.length === 0) return text(`${welcome} The shelves are still empty. Please come back soon.`)
  return {
    type: 'list',
    body: `${welcome} Here is what others like. Looking for something? Send for example: search mug`,
    button: 'See products',
    sections: [{ title: 'Popular today', rows: popular.slice(0, rowsPerPage).map(productRow) }],
  }
}

export function searchResults(query: string, offset: number, found: readonly ProductSummary[]): ChatContent {
  if (found.length === 0) {
    return text(
      offset === 0
        ? `Nothing found for "${clip(query, 100)}". Try another word, or send "menu".`
        : `That was all there is for "${clip(query, 100)}".`,
    )
  }
  const rows = found.slice(0, rowsPerPage).map(productRow)
  const next = offset + rowsPerPage
  if (found.length > rowsPerPage) {
    rows.push({
      id: `search:${next}:${clip(query, 100)}`,
      title: 'More …',
      description: `Results from ${next + 1} on`,
    })
  }
  return {
    type: 'list',
    body: `Found for "${clip(query, 100)}":`,
    button: 'See products',
    sections: [{ title: 'Products', rows }],
  }
}

export function productCard(product: Product): ChatContent {
  const { sku, name, standardPrice, stock } = product
  const facts = `*${clip(name, 200)}*\nNo. ${sku}\n${standardPrice} each`
  if (stock === 0) return text(`${facts}\nSold out at the moment.`)
  return {
    type: 'buttons',
    body: `${facts}\n${stock} in stock`,
    buttons: [
      { id: `add:${sku}:1`, title: 'Add 1' },
      { id: `add:${sku}:6`, title: 'Add 6' },
      { id: 'cart', title: 'View cart' },
    ],
  }
}

export function cartContents(cart: Cart | undefined): ChatContent {
  if (!cart || cart.isEmpty) return text('Your cart is empty. Send "menu" to look around.')
  return {
    type: 'buttons',
    body: `*Your cart*\n${summary(cart.lines)}\n*Total ${cart.total}*`,
    buttons: [
      { id: 'checkout', title: 'Checkout' },
      { id: 'menu', title: 'Go on shopping' },
      { id: 'clear', title: 'Empty the cart' },
    ],
  }
}

export function checkoutPrompt(cart: Cart): ChatContent {
  const pay = `Pay ${cart.total}`
  return {
    type: 'buttons',
    body: `*Your order*\n${summary(cart.lines)}\n*Total ${cart.total}*\nShall we?`,
    buttons: payOrCancel(cart, pay.length <= 20 ? pay : 'Pay'),
  }
}

export function orderConfirmed(order: Pick<Order, 'id' | 'total'>): ChatContent {
  return text(
    `✅ Paid, thank you! Your order over *${order.total}* is confirmed.\nOrder ${order.id}\nThe receipt is on its way.`,
  )
}

/** Why the order was cancelled, and how to try again while the cart is there. */
export function orderCancelled(order: Order, cart: Cart | undefined): ChatContent {
  const reason = order.cancelReason ?? ''
  const body =
    reason === paymentOverdue
      ? `Your payment of ${order.total} did not come in time, and the order was cancelled. Should it still come, it goes back to you.`
      : `Your payment of ${order.total} was declined (${clip(reason.replaceAll('_', ' '), 100)}). Nothing was charged, and the order was cancelled.`
  if (cart?.status !== 'checkout') return text(body)
  return {
    type: 'buttons',
    body: `${body} Your cart is still here.`,
    buttons: payOrCancel(cart, 'Try again'),
  }
}

export function paymentReturned(order: Pick<Order, 'total'>): ChatContent {
  return text(`Your payment of *${order.total}* came after the order was cancelled. It goes back to you.`)
}

/** A cart that waits to be paid may have come as an order message, and "checkout" would not find it: its buttons name it. */
export function cartReminder(cart: Cart): ChatContent {
  return {
    type: 'buttons',
    body: `Your cart is still waiting for you:\n${summary(cart.lines)}\n*Total ${cart.total}*`,
    buttons:
      cart.status === 'checkout'
        ? payOrCancel(cart, 'Pay')
        : [
            { id: 'checkout', title: 'Checkout' },
            { id: 'clear', title: 'Empty the cart' },
          ],
  }
}

/** Outside of the 24-hour window only a template gets through. */
export function refundPaid(refund: Refund, inWindow: boolean): ChatContent {
  if (inWindow) return text(`Your refund of *${refund.total}* is on its way. Reference ${refund.reference}.`)
  return {
    type: 'template',
    name: 'refund_paid',
    language: 'en_GB',
    parameters: [refund.total.toString(), refund.reference],
  }
}

function payOrCancel(cart: Cart, pay: string): readonly ReplyButton[] {
  return [
    { id: `pay:${cart.id}:${cart.revision}`, title: pay },
    { id: `cancel:${cart.id}`, title: 'Cancel' },
  ]
}

function productRow({ sku, name, price, stock }: ProductSummary): ListRow {
  const cost = Money.parse(price).toString()
  return {
    id: `show:${sku}`,
    title: clip(name, 24),
    description: clip(stock > 0 ? `${cost} · ${name}` : `Sold out · ${name}`, 72),
  }
}

/** As many lines as fit into a message. */
function summary(lines: readonly Line[]): string {
  const shown = lines
    .slice(0, 12)
    .map(line => `${line.quantity} × ${clip(line.name, 36)}: ${lineTotal(line)}`)
  if (lines.length > 12) shown.push(`… and ${lines.length - 12} more`)
  return shown.join('\n')
}
