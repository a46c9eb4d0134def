import type { ChatContent, Clock, Ids, Jobs } from 'portolan'
import type { Customer } from '../../domain/customer/customer.ts'
import { SendChatMessage } from '../jobs.ts'
import type { ChatLog } from '../ports/chat-log.ts'

export interface SayOptions {
  /** The customer's message that this answers. */
  readonly replyTo?: string
  /** The order whose confirmation this is. */
  readonly confirms?: string
}

/** What the shop says: written into the log and sent by a job, both with the unit of work in progress. */
export interface Correspondence {
  say(customer: Pick<Customer, 'id' | 'waId'>, content: ChatContent, options?: SayOptions): Promise<void>
}

export function createCorrespondence(uses: {
  readonly chatLog: ChatLog
  readonly jobs: Jobs
  readonly ids: Ids
  readonly clock: Clock
}): Correspondence {
  const { chatLog, jobs, ids, clock } = uses
  return {
    async say({ id: customerId, waId }, content, { replyTo, confirms } = {}) {
      const id = ids.next()
      const queuedAt = new Date(clock.now())
      await chatLog.queue({ id, customerId, waId, content, replyTo, status: 'waiting', queuedAt })
      // One group a customer: messages go out in the order in which they were said, those excepted that need another attempt.
      await jobs.enqueue(SendChatMessage, { messageId: id, confirms }, { group: customerId })
    },
  }
}
