import type { ChatContent, Clock, JobContext, UnitOfWork } from 'portolan'
import { Customer } from '../../domain/customer/customer.ts'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { ShopError } from '../../domain/shop-error.ts'
import { clip } from '../../domain/text.ts'
import type { ChatLog, IncomingMessage } from '../ports/chat-log.ts'
import { text } from './answers.ts'
import { type Command, commandOf } from './command.ts'
import type { Correspondence } from './correspondence.ts'

/** Does what a command asks for; answers with what to say, or with nothing when the answer comes later. */
export type CommandHandler = (
  command: Command,
  customer: Customer,
  message: IncomingMessage,
) => Promise<ChatContent | undefined>

/** The job that handles one message of a customer: its effects and its answer are one commit. */
export function createHandleMessage(uses: {
  readonly unitOfWork: UnitOfWork
  readonly chatLog: ChatLog
  readonly customers: CustomerRepository
  readonly correspondence: Correspondence
  readonly respond: CommandHandler
  readonly clock: Clock
}) {
  const { unitOfWork, chatLog, customers, correspondence, respond, clock } = uses

  return ({ messageId }: { messageId: string }, job: JobContext): Promise<void> =>
    unitOfWork.run(async () => {
      const message = await chatLog.incoming(messageId)
      if (message) {
        const customer = await meet(message)
        const answer = await respond(commandOf(message.content), customer, message).catch(refusal)
        await customers.save(customer)
        if (answer) await correspondence.say(customer, answer, { replyTo: messageId })
      }
      await job.complete()
    })

  async function meet({ customerId, waId, name }: IncomingMessage): Promise<Customer> {
    const now = new Date(clock.now())
    const known = await customers.find(customerId)
    known?.seen(waId, name, now)
    return known ?? Customer.meet(customerId, waId, name ?? waId, now)
  }
}

/** A refusal repeats what the customer sent, which may be longer than any message of the shop. */
const longestRefusal = 1000

/**
 * A rule of the shop was broken: the customer is told which. Use cases save only after every rule has passed, so there is nothing
 * to undo.
 */
function refusal(error: unknown): ChatContent {
  if (error instanceof ShopError) return text(clip(error.message, longestRefusal))
  throw error
}
