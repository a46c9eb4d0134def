import { InfrastructureError, type Secret } from 'portolan'
import { type Rest, reply, text } from 'portolan/rest'
import { answerVerification, parseWhatsAppWebhook, verifyWhatsAppSignature } from 'portolan/services'
import type { ReceiveChat } from '../../application/chat/receive-chat.ts'
import { incomingMessage, statusReports } from './chat-events.ts'

/**
 * Where WhatsApp delivers: the signature is checked over the bytes as they came, before anything is read of them; everything is
 * stored before the answer. 401 and 400 store nothing.
 */
export function serveWhatsAppWebhook(
  rest: Rest,
  uses: {
    readonly receiveChat: ReceiveChat
    readonly appSecret: Secret
    readonly verifyToken: Secret
  },
): void {
  const { receiveChat, appSecret, verifyToken } = uses
  const path = '/webhooks/whatsapp'

  rest.raw({
    method: 'POST',
    path,
    // Meta sends up to 3 MB.
    bodyLimit: '3mb',
    async handler({ rawBody, headers }) {
      const signature = headers['x-hub-signature-256']
      if (
        !verifyWhatsAppSignature(rawBody, typeof signature === 'string' ? signature : undefined, appSecret)
      ) {
        throw new InfrastructureError('unauthenticated', 'The signature of the request is missing or wrong.')
      }
      const { messages, statuses } = parseWhatsAppWebhook(rawBody)
      if (messages.length + statuses.length > 0) {
        await receiveChat(messages.map(incomingMessage), statusReports(statuses))
      }
      return reply(200)
    },
  })

  rest.raw({
    method: 'GET',
    path,
    handler({ query }) {
      const challenge = answerVerification(query, verifyToken)
      if (challenge === undefined) {
        throw new InfrastructureError(
          'permission_denied',
          'The verification token is not the one of this shop.',
        )
      }
      return text(challenge)
    },
  })
}
