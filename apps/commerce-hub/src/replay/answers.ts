import type { ChatMessage, WhatsApp } from '@portolan/emulators'

/** What customers wait for: the shop's answers to their messages. */
export interface Answers {
  /** The first answer to `messageId`, also when it came in an earlier run. */
  to(messageId: string): Promise<ChatMessage>
  /** How many customers wait. */
  readonly waiting: number
  close(): void
}

export function answersOf(whatsapp: WhatsApp): Answers {
  const waiting = new Map<string, (answer: ChatMessage) => void>()
  const end = whatsapp.onMessage(message => {
    if (message.replyTo === undefined) return
    waiting.get(message.replyTo)?.(message)
    waiting.delete(message.replyTo)
  })
  return {
    to(messageId) {
      const [known] = whatsapp.messages({ replyTo: messageId, limit: 1 })
      if (known) return Promise.resolve(known)
      return new Promise(resolve => waiting.set(messageId, resolve))
    },
    get waiting() {
      return waiting.size
    },
    close: end,
  }
}
