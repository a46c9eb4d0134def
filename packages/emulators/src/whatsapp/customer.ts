import type { OrderItem } from './chat-message.ts'
import { buttonReply, type InboundContent, listReply, orderContent, textContent } from './inbound.ts'

export interface SendOptions {
  /** The wamid. The same id again is the same message: it is delivered again only while it is not acknowledged. */
  readonly id?: string
  /** The moment on the customer's phone. Default: now. The 24-hour window is counted from when the emulator hears it. */
  readonly sentAt?: Date
}

export interface ReplyOptions extends SendOptions {
  /** The id of the message whose button or row was tapped. */
  readonly replyTo?: string
}

export interface CustomerOrder extends SendOptions {
  readonly items: readonly OrderItem[]
  /** A note to the shop. */
  readonly text?: string
}

/** A person with a phone. Every call resolves with the message's id once it is stored; the webhook follows by itself. */
export interface Customer {
  readonly waId: string
  sendText(text: string, options?: ReplyOptions): Promise<string>
  /** The native cart of the chat's catalogue. */
  sendOrder(order: CustomerOrder): Promise<string>
  tapButton(buttonId: string, title: string, options?: ReplyOptions): Promise<string>
  chooseRow(
    rowId: string,
    title: string,
    options?: ReplyOptions & { readonly description?: string },
  ): Promise<string>
}

/** Stores a message of a customer and has it delivered. */
export type Say = (content: InboundContent, options: ReplyOptions) => Promise<string>

export function createCustomer(waId: string, catalogId: string, say: Say): Customer {
  return {
    waId,
    sendText: async (text, options = {}) => say(textContent(text), options),
    sendOrder: async ({ items, text, ...options }) => say(orderContent(items, catalogId, text), options),
    tapButton: async (id, title, options = {}) => say(buttonReply(id, title), options),
    chooseRow: async (id, title, { description, ...options } = {}) =>
      say(listReply(id, title, description), options),
  }
}
