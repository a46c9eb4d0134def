import type { ChatContent } from 'portolan'
import type { DeliveryStatus } from '../../domain/conversation/delivery-status.ts'

/** What a customer can send, as far as the shop understands it. */
export type IncomingContent =
  | { readonly type: 'text'; readonly body: string }
  /** A button or a row of a list; `id` is what the shop gave it. */
  | { readonly type: 'choice'; readonly id: string; readonly title: string }
  /** A cart that was filled in WhatsApp's own catalogue. */
  | { readonly type: 'order'; readonly items: readonly OrderedItem[] }
  /** A picture, a place, a sticker, …: `kind` is WhatsApp's word for it. */
  | { readonly type: 'other'; readonly kind: string }

export interface OrderedItem {
  readonly sku: string
  readonly quantity: number
  /** Decimal text. */
  readonly unitPrice: string
  readonly currency: string
}

export interface IncomingMessage {
  /** WhatsApp's id: the same message, delivered again, has the same. */
  readonly id: string
  readonly customerId: string
  readonly waId: string
  readonly name: string | undefined
  /** When the customer sent it. */
  readonly sentAt: Date
  readonly content: IncomingContent
}

export interface OutgoingMessage {
  /** The shop's own id; travels as the correlation. */
  readonly id: string
  readonly customerId: string
  readonly waId: string
  readonly content: ChatContent
  /** The customer's message that it answers. */
  readonly replyTo: string | undefined
  readonly status: DeliveryStatus
  readonly queuedAt: Date
}

/** A step of a message of the shop, reported by WhatsApp. */
export interface StatusReport {
  /** The shop's id of the message, which came back as its correlation. */
  readonly messageId: string
  readonly status: DeliveryStatus
  /** Why it failed. */
  readonly reason: string | undefined
}

/** Every message of every conversation, both ways. Joins the unit of work in progress. */
export interface ChatLog {
  /** Stores the messages that are not there yet, and answers with just those. */
  receive(messages: readonly IncomingMessage[], receivedAt: Date): Promise<readonly IncomingMessage[]>
  incoming(id: string): Promise<IncomingMessage | undefined>
  queue(message: OutgoingMessage): Promise<void>
  outgoing(id: string): Promise<OutgoingMessage | undefined>
  /** WhatsApp took it, under its own id. */
  accepted(id: string, waMessageId: string): Promise<void>
  /** WhatsApp will never take it. */
  refused(id: string, reason: string): Promise<void>
  /** Moves messages forward, never back. Reports for unknown messages are ignored. */
  report(reports: readonly StatusReport[]): Promise<void>
}
