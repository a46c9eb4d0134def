import type { ChatStatus, IncomingChatMessage } from 'portolan'
import type { IncomingContent, IncomingMessage, StatusReport } from '../../application/ports/chat-log.ts'
import { head, storable } from '../../domain/text.ts'

/**
 * A message of WhatsApp in the words of the shop. What people type is made storable here: one odd character must not turn away the
 * whole request, and everybody else's messages with it.
 */
export function incomingMessage(message: IncomingChatMessage): IncomingMessage {
  return {
    id: message.id,
    // People may hide their number: the user id, where there is one, is who they are.
    customerId: message.userId ?? message.from,
    waId: message.from,
    name: message.profileName && head(storable(message.profileName), 200),
    sentAt: message.sentAt,
    content: incomingContent(message),
  }
}

/** Reports without a correlation are of messages that somebody else sent from the shop's number. */
export function statusReports(statuses: readonly ChatStatus[]): StatusReport[] {
  return statuses.flatMap(status => (status.correlation ? [statusReport(status, status.correlation)] : []))
}

function statusReport(status: ChatStatus, messageId: string): StatusReport {
  return {
    messageId,
    status: status.status,
    reason: status.errors[0] && head(storable(`${status.errors[0].code} ${status.errors[0].title}`), 500),
  }
}

function incomingContent({ content }: IncomingChatMessage): IncomingContent {
  switch (content.type) {
    case 'text':
      return { type: 'text', body: storable(content.body) }
    case 'button_reply':
    case 'list_reply':
      return { type: 'choice', id: storable(content.id), title: storable(content.title) }
    case 'button':
      return { type: 'choice', id: storable(content.payload), title: storable(content.text) }
    case 'order':
      return {
        type: 'order',
        items: content.items.map(({ productId, quantity, unitPrice, currency }) => ({
          sku: storable(productId).toUpperCase(),
          quantity,
          unitPrice,
          currency: storable(currency),
        })),
      }
    case 'media':
    case 'system':
    case 'unsupported':
      return { type: 'other', kind: content.kind }
    case 'location':
    case 'reaction':
      return { type: 'other', kind: content.type }
  }
}
