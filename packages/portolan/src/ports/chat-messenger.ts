export interface ReplyButton {
  /** Comes back when it is tapped; at most 256 characters. */
  readonly id: string
  /** At most 20 characters. */
  readonly title: string
}

export interface ListRow {
  /** Comes back when it is chosen; at most 200 characters. */
  readonly id: string
  /** At most 24 characters. */
  readonly title: string
  /** At most 72 characters. */
  readonly description?: string
}

/** What a business can say in a chat. Limits are those of the WhatsApp Cloud API. */
export type ChatContent =
  /** At most 4,096 characters. */
  | { readonly type: 'text'; readonly body: string }
  /** One to three buttons under at most 1,024 characters. */
  | {
      readonly type: 'buttons'
      readonly body: string
      readonly buttons: readonly ReplyButton[]
    }
  /** One to ten rows in all, behind a button of at most 20 characters. */
  | {
      readonly type: 'list'
      readonly body: string
      readonly button: string
      readonly sections: readonly {
        readonly title?: string
        readonly rows: readonly ListRow[]
      }[]
    }
  /** A message that was approved beforehand; the only kind that is allowed outside the 24-hour window. */
  | {
      readonly type: 'template'
      readonly name: string
      readonly language: string
      readonly parameters?: readonly string[]
    }

export interface OutgoingChat {
  /** The customer's WhatsApp id (digits only), or the user id of one who hides the number, as in `US.13491208655302741918`. */
  readonly to: string
  readonly content: ChatContent
  /** The id of the message that this one answers. */
  readonly replyTo?: string
  /** Comes back with every status of this message: the only way to find it again after a timeout. At most 512 characters. */
  readonly correlation?: string
  readonly signal?: AbortSignal
}

/**
 * Sends messages to people in a chat.
 *
 * @example
 * import type { ChatMessenger } from 'portolan'
 *
 * declare const chat: ChatMessenger
 * const buttons = [{ id: 'pay-42', title: 'Pay £5.90' }]
 * await chat.send({ to: '447700900123', content: { type: 'buttons', body: 'Two mugs. Shall we?', buttons } })
 */
export interface ChatMessenger {
  /**
   * Resolves with the message's id once the service has accepted it. Rejects with `invalid_argument`, `rate_limited`,
   * `permission_denied`, … A send that failed on the way says what became of it in `details.outcome`: `'not_sent'`, or `'unknown'`
   * (`deadline_exceeded` or `unavailable`, never worth a retry of its own: find it again by its `correlation`).
   */
  send(message: OutgoingChat): Promise<{ readonly id: string }>
  /** Shows the customer that a message was read. */
  markRead(messageId: string, options?: { readonly signal?: AbortSignal }): Promise<void>
}

/** What a customer said. */
export interface IncomingChatMessage {
  /** Unique for ever: a message that is delivered again has the same id. */
  readonly id: string
  /** The customer's WhatsApp id, or the user id when the number is hidden: what an answer is sent `to`. */
  readonly from: string
  /** Stays the same when it is there, also for people who hide their number. */
  readonly userId?: string
  readonly profileName?: string
  readonly sentAt: Date
  /** The number of the business that it was sent to. */
  readonly phoneNumberId: string
  /** The id of the message that this one answers. */
  readonly replyTo?: string
  readonly content: IncomingContent
}

export type IncomingContent =
  | { readonly type: 'text'; readonly body: string }
  /** A reply button or a list row that was sent as `ChatContent` came back. */
  | { readonly type: 'button_reply'; readonly id: string; readonly title: string }
  | {
      readonly type: 'list_reply'
      readonly id: string
      readonly title: string
      readonly description?: string
    }
  /** The quick-reply button of a template. */
  | { readonly type: 'button'; readonly payload: string; readonly text: string }
  /** A cart of the native catalogue. */
  | {
      readonly type: 'order'
      readonly catalogId?: string
      readonly text?: string
      readonly items: readonly OrderedItem[]
    }
  | {
      readonly type: 'media'
      readonly kind: 'image' | 'audio' | 'video' | 'document' | 'sticker'
      readonly mediaId: string
      readonly mimeType?: string
      readonly caption?: string
      readonly filename?: string
    }
  | {
      readonly type: 'location'
      readonly latitude: number
      readonly longitude: number
      readonly name?: string
      readonly address?: string
    }
  /** Without an emoji: the reaction was taken back. */
  | { readonly type: 'reaction'; readonly messageId: string; readonly emoji?: string }
  /** The customer's number or identity changed. */
  | { readonly type: 'system'; readonly kind: string; readonly body: string; readonly newId?: string }
  /** Anything else; `kind` is what the service calls it. */
  | { readonly type: 'unsupported'; readonly kind: string }

export interface OrderedItem {
  readonly productId: string
  readonly quantity: number
  /** Decimal text that has exactly the value that was received, as in `2.55`. */
  readonly unitPrice: string
  /** ISO 4217. */
  readonly currency: string
}

/** What became of a message that was sent. They come unordered, more than once, and `delivered` may be skipped. */
export interface ChatStatus {
  readonly id: string
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  readonly at: Date
  readonly recipient: string
  /** What `OutgoingChat.correlation` was. */
  readonly correlation?: string
  readonly errors: readonly { readonly code: number; readonly title: string }[]
}
