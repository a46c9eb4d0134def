import assert from 'node:assert/strict'
import type { ChatMessage, Customer, OrderItem, WhatsApp } from '@portolan/emulators'
import { until } from './until.ts'

/** A person who chats with the shop: each call says something and resolves with the shop's answer to it. */
export interface ChatCustomer {
  /** The WhatsApp number; for the shop, the customer's id. */
  readonly id: string
  says(text: string): Promise<ChatMessage>
  /** Taps the button of `message` whose title matches. */
  taps(message: ChatMessage, title: string | RegExp): Promise<ChatMessage>
  /** Chooses the row of the list in `message` whose title or description matches. */
  chooses(message: ChatMessage, row: string | RegExp): Promise<ChatMessage>
  /** Sends a cart of WhatsApp's own catalogue. */
  orders(...items: readonly (Partial<OrderItem> & { readonly productId: string })[]): Promise<ChatMessage>
  /** Fills the chat's cart with one article and pays for it. */
  buys(sku: string, quantity?: number): Promise<ChatMessage>
  /** Waits for a message of the shop, asked for or not. */
  hears(text: RegExp): Promise<ChatMessage>
  /** What the shop has said so far. */
  heard(): readonly ChatMessage[]
  /** The emulator's own view of this person, for what waits for no answer. */
  readonly phone: Customer
}

export function chatCustomer(whatsapp: WhatsApp, id: string, name: string): ChatCustomer {
  const phone = whatsapp.customer(id, { name })
  const answer = async (messageId: Promise<string>): Promise<ChatMessage> => {
    const replyTo = await messageId
    return until(() => whatsapp.messages({ replyTo, limit: 1 })[0], `an answer to ${replyTo}`)
  }
  const heard = () => whatsapp.messages({ waId: id, limit: 1000 }).filter(({ from }) => from === 'business')

  return {
    id,
    phone,
    heard,
    says: text => answer(phone.sendText(text)),
    taps(message, title) {
      const button = message.buttons.find(candidate => matches(candidate.title, title))
      assert(button, `no button ${title} under: ${message.text}`)
      return answer(phone.tapButton(button.id, button.title, { replyTo: message.id }))
    },
    chooses(message, wanted) {
      const rows = message.list?.sections.flatMap(section => section.rows) ?? []
      const row = rows.find(({ title, description }) => matches(`${title} ${description}`, wanted))
      assert(row, `no row ${wanted} in: ${rows.map(({ title }) => title)}`)
      return answer(phone.chooseRow(row.id, row.title, { replyTo: message.id }))
    },
    orders: (...items) =>
      answer(
        phone.sendOrder({
          items: items.map(item => ({ quantity: 1, unitPrice: '2.55', currency: 'GBP', ...item })),
        }),
      ),
    async buys(sku, quantity = 1) {
      await this.says(`add ${sku} ${quantity}`)
      return this.taps(await this.says('checkout'), /^Pay/)
    },
    hears: text => until(() => heard().find(message => text.test(message.text)), `a message like ${text}`),
  }
}

function matches(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}
