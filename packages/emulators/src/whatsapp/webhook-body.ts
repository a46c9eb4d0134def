import { createHmac } from 'node:crypto'
import type { WebhookEvent } from '../webhooks/queue.ts'
import type { MessageRow } from './chat-message.ts'
import { statusError } from './errors.ts'

export interface BusinessAccount {
  /** The WhatsApp Business Account. */
  readonly businessAccountId: string
  readonly phoneNumberId: string
  readonly displayPhoneNumber: string
}

/** `X-Hub-Signature-256` of a body: over its bytes, non-ASCII escaped as Meta does before signing. */
export function signature(appSecret: string, body: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`
}

/** Escapes everything beyond ASCII in lower case, as in `\u00e4`. */
export function escapeNonAscii(json: string): string {
  return json.replace(
    /[\u0080-\uffff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** One change a customer, as Meta groups them. */
export function messagesBody(
  account: BusinessAccount,
  events: readonly WebhookEvent[],
  nameOf: (waId: string) => string,
): string {
  const byCustomer = new Map<string, string[]>()
  for (const { key, json } of events) {
    const messages = byCustomer.get(key)
    if (messages) messages.push(json)
    else byCustomer.set(key, [json])
  }
  const changes = [...byCustomer].map(([waId, messages]) => {
    const profile = JSON.stringify({ profile: { name: nameOf(waId) }, wa_id: waId })
    return change(account, `"contacts":[${profile}],"messages":[${messages.join(',')}]`)
  })
  return envelope(account, changes.join(','))
}

export function statusesBody(account: BusinessAccount, events: readonly WebhookEvent[]): string {
  return envelope(account, change(account, `"statuses":[${events.map(event => event.json).join(',')}]`))
}

/** Every status that a message of the business comes to, oldest first, as members of `statuses`. */
export function statusesJson(row: MessageRow): string {
  const timestamp = String(Math.floor(row.at / 1000))
  const status = (name: string, more: object = {}) =>
    JSON.stringify({
      id: row.id,
      status: name,
      timestamp,
      recipient_id: row.wa_id,
      ...(row.correlation !== null && { biz_opaque_callback_data: row.correlation }),
      ...more,
    })
  if (row.error_code !== null) return status('failed', { errors: [statusError(row.error_code)] })
  const category = row.type === 'template' ? 'utility' : 'service'
  const pricing = { pricing: { billable: category !== 'service', pricing_model: 'PMP', category } }
  return `${status('sent', pricing)},${status('delivered', pricing)},${status('read')}`
}

function change({ displayPhoneNumber, phoneNumberId }: BusinessAccount, content: string): string {
  return `{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"${displayPhoneNumber}","phone_number_id":"${phoneNumberId}"},${content}},"field":"messages"}`
}

function envelope({ businessAccountId }: BusinessAccount, changes: string): string {
  return escapeNonAscii(
    `{"object":"whatsapp_business_account","entry":[{"id":"${businessAccountId}","changes":[${changes}]}]}`,
  )
}
