import type { Clock, Jobs, UnitOfWork } from 'portolan'
import { HandleChatMessage } from '../jobs.ts'
import type { ChatLog, IncomingMessage, StatusReport } from '../ports/chat-log.ts'

/**
 * Takes in what a webhook brought: each message is stored once and its work enqueued, in one commit. WhatsApp delivers at least
 * once and in any order, so that what is known already is no error. What claims to come from the future was sent now: the day of an
 * order is taken from its message.
 */
export function createReceiveChat(uses: {
  readonly unitOfWork: UnitOfWork
  readonly chatLog: ChatLog
  readonly jobs: Jobs
  readonly clock: Clock
}) {
  const { unitOfWork, chatLog, jobs, clock } = uses
  return (messages: readonly IncomingMessage[], reports: readonly StatusReport[]): Promise<void> =>
    unitOfWork.run(async () => {
      const now = new Date(clock.now())
      const fresh = await chatLog.receive(
        messages.map(message => (message.sentAt > now ? { ...message, sentAt: now } : message)),
        now,
      )
      for (const { id, customerId } of fresh) {
        await jobs.enqueue(HandleChatMessage, { messageId: id }, { group: customerId })
      }
      if (reports.length > 0) await chatLog.report(reports)
    })
}

export type ReceiveChat = ReturnType<typeof createReceiveChat>
