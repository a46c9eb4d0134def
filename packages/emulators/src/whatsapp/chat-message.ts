import type { SendRequest } from './request.ts'

export type MessageStatus = 'accepted' | 'sent' | 'delivered' | 'read' | 'failed'

export interface OrderItem {
  readonly productId: string
  readonly quantity: number
  /** Decimal text, as in `'2.55'`. */
  readonly unitPrice: string
  /** ISO 4217. */
  readonly currency: string
}

/** A message of a conversation, in either direction. */
export interface ChatMessage {
  /** Ascends in the order in which the emulator took them. For `after`. */
  readonly seq: number
  /** The wamid. */
  readonly id: string
  readonly from: 'customer' | 'business'
  /** The customer's WhatsApp id, whoever sent it. */
  readonly waId: string
  /** `text`, `interactive`, `order`, `template`, … */
  readonly type: string
  /** What a person reads. */
  readonly text: string
  /** What can be tapped. */
  readonly buttons: readonly { readonly id: string; readonly title: string }[]
  /** What can be chosen, and under which button. */
  readonly list?: ChatList
  readonly order?: readonly OrderItem[]
  readonly header?: string
  readonly footer?: string
  readonly replyTo?: string
  readonly at: Date
  /**
   * From the customer: `sent` once stored, `delivered` once the webhook was acknowledged, `read` once the business has said so.
   * From the business: `accepted` until its statuses were acknowledged; then `read`, or `failed`.
   */
  readonly status: MessageStatus
  /** Why it failed. */
  readonly errorCode?: number
  /** `biz_opaque_callback_data`. */
  readonly correlation?: string
  /** The JSON as it was sent. */
  readonly content: Readonly<Record<string, unknown>>
}

export interface ChatList {
  readonly button: string
  readonly sections: readonly {
    readonly title?: string
    readonly rows: readonly { readonly id: string; readonly title: string; readonly description?: string }[]
  }[]
}

/** A message from the business to a customer that the emulator has accepted. */
export interface OutboundMessage extends ChatMessage {
  readonly from: 'business'
}

export interface MessageRow {
  readonly seq: number
  readonly id: string
  readonly inbound: 0 | 1
  readonly wa_id: string
  readonly type: string
  readonly text: string
  readonly reply_to: string | null
  readonly at: number
  readonly status: MessageStatus
  readonly error_code: number | null
  readonly correlation: string | null
  readonly content: string
}

export function toChatMessage(
  row: MessageRow,
  content: Record<string, unknown> = JSON.parse(row.content),
): ChatMessage {
  return {
    seq: row.seq,
    id: row.id,
    from: row.inbound === 1 ? 'customer' : 'business',
    waId: row.wa_id,
    type: row.type,
    text: row.text,
    ...(row.inbound === 1 ? shownOrder(content) : shownByBusiness(content as unknown as SendRequest)),
    ...(row.reply_to !== null && { replyTo: row.reply_to }),
    at: new Date(row.at),
    status: row.status,
    ...(row.error_code !== null && { errorCode: row.error_code }),
    ...(row.correlation !== null && { correlation: row.correlation }),
    content,
  }
}

function shownByBusiness({ interactive }: SendRequest): Pick<ChatMessage, 'buttons'> & Partial<ChatMessage> {
  if (!interactive) return { buttons: [] }
  const { action, header, footer } = interactive
  return {
    buttons: (action.buttons ?? []).map(button => button.reply),
    ...(action.button !== undefined && {
      list: {
        button: action.button,
        sections: (action.sections ?? []).map(section => ({ ...section, rows: section.rows ?? [] })),
      },
    }),
    ...(header?.text !== undefined && { header: header.text }),
    ...(footer !== undefined && { footer: footer.text }),
  }
}

function shownOrder(content: Record<string, unknown>): Pick<ChatMessage, 'buttons'> & Partial<ChatMessage> {
  const order = content.order as { product_items: readonly ProductItem[] } | undefined
  if (!order) return { buttons: [] }
  return {
    buttons: [],
    order: order.product_items.map(item => ({
      productId: item.product_retailer_id,
      quantity: item.quantity,
      unitPrice: String(item.item_price),
      currency: item.currency,
    })),
  }
}

interface ProductItem {
  readonly product_retailer_id: string
  readonly quantity: number
  readonly item_price: number
  readonly currency: string
}
