import {
  type ChatMessenger,
  type Clock,
  InfrastructureError,
  type JobContext,
  type UnitOfWork,
} from 'portolan'
import type { ChatLog } from '../ports/chat-log.ts'
import type { OrderSteps } from '../ports/order-steps.ts'

/** The job that hands a message to WhatsApp. */
export function createSendMessage(uses: {
  readonly unitOfWork: UnitOfWork
  readonly chatLog: ChatLog
  readonly orderSteps: OrderSteps
  readonly messenger: ChatMessenger
  readonly clock: Clock
}) {
  const { unitOfWork, chatLog, orderSteps, messenger, clock } = uses
  return async (
    { messageId, confirms }: { messageId: string; confirms?: string | undefined },
    job: JobContext,
  ) => {
    const message = await chatLog.outgoing(messageId)
    if (!message) return
    // A send has no idempotency key. When an earlier attempt ended without an answer, a status that came back with our
    // correlation tells that it went out after all.
    const accepted =
      message.status === 'waiting'
        ? await messenger
            .send({
              to: message.waId,
              content: message.content,
              replyTo: message.replyTo,
              correlation: message.id,
              signal: job.signal,
            })
            .catch(refusedForGood)
        : undefined
    await unitOfWork.run(async () => {
      if (accepted && 'id' in accepted) await chatLog.accepted(messageId, accepted.id)
      if (accepted && 'refusal' in accepted) await chatLog.refused(messageId, accepted.refusal)
      if (confirms) await orderSteps.done(confirms, 'confirmation', new Date(clock.now()))
      await job.complete()
    })
  }
}

/** A message that WhatsApp will never take is a fact about the conversation, not a failure of the job. */
function refusedForGood(error: unknown): { refusal: string } {
  if (
    InfrastructureError.is(error, 'invalid_argument') ||
    InfrastructureError.is(error, 'precondition_failed')
  ) {
    return { refusal: error.message }
  }
  throw error
}
