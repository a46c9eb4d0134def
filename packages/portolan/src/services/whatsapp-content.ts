import type { IncomingContent, OrderedItem } from '../ports/chat-messenger.ts'
import { isDecimal, plainDecimal } from './decimal.ts'
import type { Reader, Received } from './received-json.ts'

/** What a message of a webhook says. Its kind is in `type`, and the rest in the field of that name. */
export function readContent(read: Reader, message: Received, path: string): IncomingContent {
  const kind = read.text(message.type, `${path}.type`)
  const field = () => read.object(message[kind], `${path}.${kind}`)
  switch (kind) {
    case 'text':
      return { type: 'text', body: read.text(field().body, `${path}.text.body`) }
    case 'interactive':
      return readInteractive(read, field(), `${path}.interactive`)
    case 'button': {
      const { payload, text } = field()
      return {
        type: 'button',
        payload: read.text(payload, `${path}.button.payload`),
        text: read.optionalText(text, `${path}.button.text`) ?? '',
      }
    }
    case 'order':
      return readOrder(read, field(), `${path}.order`)
    case 'image':
    case 'audio':
    case 'video':
    case 'document':
    case 'sticker':
      return readMedia(read, kind, field(), `${path}.${kind}`)
    case 'location':
      return readLocation(read, field(), `${path}.location`)
    case 'reaction': {
      const { message_id, emoji: given } = field()
      const emoji = read.optionalText(given, `${path}.reaction.emoji`)
      return {
        type: 'reaction',
        messageId: read.text(message_id, `${path}.reaction.message_id`),
        ...(emoji && { emoji }),
      }
    }
    case 'system': {
      const system = field()
      const newId = read.optionalText(
        system.wa_id ?? system.new_wa_id ?? system.user_id,
        `${path}.system.wa_id`,
      )
      return {
        type: 'system',
        kind: read.optionalText(system.type, `${path}.system.type`) ?? 'unknown',
        body: read.optionalText(system.body, `${path}.system.body`) ?? '',
        ...(newId && { newId }),
      }
    }
    default:
      return { type: 'unsupported', kind }
  }
}

function readInteractive(read: Reader, interactive: Received, path: string): IncomingContent {
  const kind = read.text(interactive.type, `${path}.type`)
  if (kind !== 'button_reply' && kind !== 'list_reply') return { type: 'unsupported', kind }
  const reply = read.object(interactive[kind], `${path}.${kind}`)
  const id = read.text(reply.id, `${path}.${kind}.id`)
  const title = read.text(reply.title, `${path}.${kind}.title`)
  if (kind === 'button_reply') return { type: kind, id, title }
  const description = read.optionalText(reply.description, `${path}.${kind}.description`)
  return { type: kind, id, title, ...(description && { description }) }
}

function readOrder(read: Reader, order: Received, path: string): IncomingContent {
  const catalogId = read.optionalText(order.catalog_id, `${path}.catalog_id`)
  const text = read.optionalText(order.text, `${path}.text`)
  const items = read.list(order.product_items, `${path}.product_items`)
  return {
    type: 'order',
    ...(catalogId && { catalogId }),
    ...(text && { text }),
    items: items.map((item, i) => readItem(read, item, `${path}.product_items[${i}]`)),
  }
}

function readItem(read: Reader, value: unknown, path: string): OrderedItem {
  const item = read.object(value, path)
  return {
    productId: read.text(item.product_retailer_id, `${path}.product_retailer_id`),
    quantity: read.number(item.quantity, `${path}.quantity`),
    unitPrice: readPrice(read, item.item_price, `${path}.item_price`),
    currency: read.text(item.currency, `${path}.currency`),
  }
}

function readPrice(read: Reader, price: unknown, path: string): string {
  if (typeof price === 'number' && Number.isFinite(price)) return plainDecimal(price)
  if (typeof price === 'string' && isDecimal(price)) return price
  return read.fail(path, 'a decimal number')
}

function readMedia(
  read: Reader,
  kind: 'image' | 'audio' | 'video' | 'document' | 'sticker',
  media: Received,
  path: string,
): IncomingContent {
  const mimeType = read.optionalText(media.mime_type, `${path}.mime_type`)
  const caption = read.optionalText(media.caption, `${path}.caption`)
  const filename = read.optionalText(media.filename, `${path}.filename`)
  return {
    type: 'media',
    kind,
    mediaId: read.text(media.id, `${path}.id`),
    ...(mimeType && { mimeType }),
    ...(caption && { caption }),
    ...(filename && { filename }),
  }
}

function readLocation(read: Reader, location: Received, path: string): IncomingContent {
  const name = read.optionalText(location.name, `${path}.name`)
  const address = read.optionalText(location.address, `${path}.address`)
  return {
    type: 'location',
    latitude: read.number(location.latitude, `${path}.latitude`),
    longitude: read.number(location.longitude, `${path}.longitude`),
    ...(name && { name }),
    ...(address && { address }),
  }
}
