import { InfrastructureError } from 'portolan'
import type { OrderItem } from './chat-message.ts'

/** What a customer says, before it has an id. */
export interface InboundContent {
  readonly type: 'text' | 'interactive' | 'order' | 'button'
  /** What a person reads. */
  readonly text: string
  /** The member of the webhook's message that is called after the type, as JSON. */
  readonly json: string
}

export function textContent(text: string): InboundContent {
  if (text.trim() === '') throw invalid('A message needs text.')
  return { type: 'text', text, json: JSON.stringify({ body: text }) }
}

export function buttonReply(id: string, title: string): InboundContent {
  const json = JSON.stringify({ type: 'button_reply', button_reply: { id, title } })
  return { type: 'interactive', text: title, json }
}

export function listReply(id: string, title: string, description?: string): InboundContent {
  const row = { id, title, ...(description !== undefined && { description }) }
  return { type: 'interactive', text: title, json: JSON.stringify({ type: 'list_reply', list_reply: row }) }
}

/** A cart that was filled in the catalogue of the chat. Prices keep their digits: they are written as they are given. */
export function orderContent(items: readonly OrderItem[], catalogId: string, text = ''): InboundContent {
  if (items.length === 0) throw invalid('An order needs at least one item.')
  const products = items.map(({ productId, quantity, unitPrice, currency }) => {
    if (!/^(0|[1-9]\d*)(\.\d+)?$/.test(unitPrice)) throw invalid(`'${unitPrice}' is no price.`)
    if (!Number.isSafeInteger(quantity)) throw invalid(`'${quantity}' is no quantity.`)
    const id = JSON.stringify(productId)
    return `{"product_retailer_id":${id},"quantity":${quantity},"item_price":${unitPrice},"currency":${JSON.stringify(currency)}}`
  })
  const json = `{"catalog_id":"${catalogId}","text":${JSON.stringify(text)},"product_items":[${products.join(',')}]}`
  const count = items.length === 1 ? '1 item' : `${items.length} items`
  return { type: 'order', text: `Order of ${count}`, json }
}

/** The message as it stands in a webhook. */
export function inboundJson(message: {
  readonly from: string
  readonly id: string
  readonly sentAtMs: number
  readonly content: InboundContent
  readonly replyTo?: string | undefined
  /** The business's number, which is the author of what is replied to. */
  readonly business: string
}): string {
  const { from, id, sentAtMs, content, replyTo, business } = message
  const context = replyTo === undefined ? '' : `"context":${JSON.stringify({ from: business, id: replyTo })},`
  const timestamp = Math.floor(sentAtMs / 1000)
  return `{${context}"from":"${from}","id":${JSON.stringify(id)},"timestamp":"${timestamp}","type":"${content.type}","${content.type}":${content.json}}`
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
