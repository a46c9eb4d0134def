import type { Clock, Jobs, RateLimiter, UnitOfWork } from 'portolan'
import { HandleChatMessage } from '../jobs.ts'
import type { ChatLog, IncomingMessage, StatusReport } from '../ports/chat-log.ts'
import { tooFast } from './answers.ts'
import type { Correspondence } from './correspondence.ts'

/** How often a customer may write. */
export interface CustomerLimits {
  readonly messages: RateLimiter
  /** How often somebody who writes too fast is told so; silence is the answer to all else. */
  readonly told: RateLimiter
}

/**
 * Takes in what a webhook brought: each message is stored once and its work enqueued, in one commit. WhatsApp delivers at least
 * once and in any order, so that what is known already is no error. What claims to come from the future was sent now: the day of an
 * order is taken from its message. What a customer writes beyond the limit is stored for the staff, and not acted on.
 */
export function createReceiveChat(uses: {
  readonly unitOfWork: UnitOfWork
  readonly chatLog: ChatLog
  readonly jobs: Jobs
  readonly correspondence: Correspondence
  readonly limits: CustomerLimits | undefined
  readonly clock: Clock
}) {
  const { unitOfWork, chatLog, jobs, correspondence, limits, clock } = uses
  return (messages: readonly IncomingMessage[], reports: readonly StatusReport[]): Promise<void> => {
    // Each message counts once, however often it is delivered, and when the unit of work has to run again.
    const paces = new Map<string, Pace>()
    return unitOfWork.run(async () => {
      const now = new Date(clock.now())
      const fresh = await chatLog.receive(
        messages.map(message => (message.sentAt > now ? { ...message, sentAt: now } : message)),
        now,
      )
      // Only storing them tells which are new, so this transaction waits for the limits: once, for all of them together.
      const unasked = fresh.filter(({ id }) => !paces.has(id))
      await Promise.all(unasked.map(async ({ id, customerId }) => paces.set(id, await paceOf(customerId))))
      for (const { id, customerId, waId } of fresh) {
        const pace = paces.get(id)
        if (pace === 'fine') await jobs.enqueue(HandleChatMessage, { messageId: id }, { group: customerId })
        if (pace === 'told') await correspondence.say({ id: customerId, waId }, tooFast(), { replyTo: id })
      }
      if (reports.length > 0) await chatLog.report(reports)
    })
  }

  async function paceOf(customerId: string): Promise<Pace> {
    if (!limits || (await limits.messages.take(customerId)).allowed) return 'fine'
    return (await limits.told.take(customerId)).allowed ? 'told' : 'ignored'
  }
}

/** What a message may do, by how fast its customer writes: be acted on, be answered that it is too fast, or nothing. */
type Pace = 'fine' | 'told' | 'ignored'

export type ReceiveChat = ReturnType<typeof createReceiveChat>
