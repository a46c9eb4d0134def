import type { ChatStatus, IncomingChatMessage } from '../ports/chat-messenger.ts'
import { decodeText, parseJson, type Received, reader } from './received-json.ts'
import { readContent } from './whatsapp-content.ts'

/** Everything that one webhook request tells, in the order in which it tells it. */
export interface WhatsAppEvents {
  readonly messages: readonly IncomingChatMessage[]
  readonly statuses: readonly ChatStatus[]
}

const read = reader('The WhatsApp webhook')

/**
 * Reads a webhook request whose signature was verified: every message and every status of every change of every entry.
 *
 * Tolerant of what Meta may add: unknown fields are skipped, unknown kinds of messages become `unsupported`, unknown kinds of
 * changes and statuses are left out. Strict on what is relied upon: anything else that has not its documented shape is an error, so
 * that nothing of a half-understood request is stored.
 *
 * @throws InfrastructureError `invalid_argument`, naming the place: answer 400.
 */
export function parseWhatsAppWebhook(rawBody: Uint8Array): WhatsAppEvents {
  const text = decodeText(rawBody, 'The WhatsApp webhook')
  const root = read.object(parseWithExactPrices(text), 'the body')
  if (root.object !== 'whatsapp_business_account') read.fail('object', "'whatsapp_business_account'")

  const messages: IncomingChatMessage[] = []
  const statuses: ChatStatus[] = []
  read.list(root.entry, 'entry').forEach((entry, e) => {
    const changes = read.list(read.object(entry, `entry[${e}]`).changes, `entry[${e}].changes`)
    changes.forEach((item, c) => {
      const change = read.object(item, `entry[${e}].changes[${c}]`)
      if (change.field !== 'messages') return
      const path = `entry[${e}].changes[${c}].value`
      const value = read.object(change.value, path)
      const metadata = read.object(value.metadata, `${path}.metadata`)
      const phoneNumberId = read.text(metadata.phone_number_id, `${path}.metadata.phone_number_id`)
      const contacts = read
        .optionalList(value.contacts, `${path}.contacts`)
        .map((contact, i) => read.object(contact, `${path}.contacts[${i}]`))
      read.optionalList(value.messages, `${path}.messages`).forEach((message, i) => {
        const at = `${path}.messages[${i}]`
        messages.push(readMessage(read.object(message, at), at, phoneNumberId, contacts))
      })
      read.optionalList(value.statuses, `${path}.statuses`).forEach((status, i) => {
        const at = `${path}.statuses[${i}]`
        const known = readStatus(read.object(status, at), at)
        if (known) statuses.push(known)
      })
    })
  })
  return { messages, statuses }
}

function readMessage(
  message: Received,
  path: string,
  phoneNumberId: string,
  contacts: readonly Received[],
): IncomingChatMessage {
  const number = read.optionalText(message.from, `${path}.from`)
  const from = number ?? read.text(message.from_user_id, `${path}.from`)
  const contact = contacts.find(({ wa_id, user_id }) => wa_id === from || user_id === from)
  const userId =
    read.optionalText(message.from_user_id, `${path}.from_user_id`) ??
    read.optionalText(contact?.user_id, 'contacts.user_id')
  const profile =
    contact?.profile === undefined ? undefined : read.object(contact.profile, 'contacts.profile')
  const profileName = read.optionalText(profile?.name, 'contacts.profile.name')
  const context = message.context == null ? undefined : read.object(message.context, `${path}.context`)
  const replyTo = read.optionalText(context?.id, `${path}.context.id`)
  return {
    id: read.text(message.id, `${path}.id`),
    from,
    ...(userId && { userId }),
    ...(profileName && { profileName }),
    sentAt: read.seconds(message.timestamp, `${path}.timestamp`),
    phoneNumberId,
    ...(replyTo && { replyTo }),
    content: readContent(read, message, path),
  }
}

const statusNames: readonly unknown[] = [
  'sent',
  'delivered',
  'read',
  'failed',
] satisfies ChatStatus['status'][]

function readStatus(status: Received, path: string): ChatStatus | undefined {
  const name = read.text(status.status, `${path}.status`)
  if (!statusNames.includes(name)) return undefined
  const number = read.optionalText(status.recipient_id, `${path}.recipient_id`)
  const correlation = read.optionalText(status.biz_opaque_callback_data, `${path}.biz_opaque_callback_data`)
  return {
    id: read.text(status.id, `${path}.id`),
    status: name as ChatStatus['status'],
    at: read.seconds(status.timestamp, `${path}.timestamp`),
    recipient: number ?? read.text(status.recipient_user_id, `${path}.recipient_id`),
    ...(correlation && { correlation }),
    errors: read.optionalList(status.errors, `${path}.errors`).map((item, i) => {
      const error = read.object(item, `${path}.errors[${i}]`)
      return {
        code: read.number(error.code, `${path}.errors[${i}].code`),
        title: read.optionalText(error.title, `${path}.errors[${i}].title`) ?? '',
      }
    }),
  }
}

const longPrice = /"item_price"\s*:\s*-?[\d.]{16}/

/** `JSON.parse`, with prices of more digits than a double can hold as text. Meta's own are short, and take the quick way. */
function parseWithExactPrices(text: string): unknown {
  if (!longPrice.test(text)) return parseJson(text, 'The WhatsApp webhook')
  parseJson(text, 'The WhatsApp webhook')
  const exact: ExactReviver = (key, value, context) =>
    key === 'item_price' && typeof value === 'number' && /^-?[\d.]+$/.test(context.source ?? '')
      ? context.source
      : value
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown)
}

/** A reviver that is shown the source of primitive values (ECMAScript's JSON.parse source text access). */
type ExactReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
