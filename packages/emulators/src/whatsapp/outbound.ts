import type { Surroundings } from 'portolan/runtime'
import type { Faults } from '../faults/faults.ts'
import type { Store } from '../store/store.ts'
import { type MessageRow, type OutboundMessage, toChatMessage } from './chat-message.ts'
import type { Conversations } from './conversations.ts'
import { type GraphError, graphError } from './errors.ts'
import type { WhatsAppFaults } from './faults.ts'
import { createRateLimits } from './rate-limits.ts'
import type { SendRequest } from './request.ts'
import type { Templates } from './templates.ts'
import { createValidation } from './validation.ts'

const windowMs = 24 * 60 * 60 * 1000

export interface OutboundOptions extends Pick<Surroundings, 'clock' | 'random'> {
  readonly store: Store
  readonly conversations: Conversations
  readonly templates: Templates
  readonly faults: Faults<WhatsAppFaults>
  readonly nextId: () => string
  /** Whether statuses are reported. */
  readonly statuses: boolean
  readonly accepted: (row: MessageRow, message: OutboundMessage) => void
  readonly marked: (message: MessageRow, typing: boolean) => void
}

/** The business's side: what arrives at `POST /messages`. */
export function createOutbound(options: OutboundOptions) {
  const { clock, random, store, conversations, templates, faults, nextId } = options
  const validation = createValidation()
  const limits = createRateLimits(clock)

  return {
    validation,

    /** `json` is the request as it came. Resolves once the message is stored. */
    async send(
      body: unknown,
      json: string,
    ): Promise<{ input: string; waId: string; id: string } | GraphError> {
      const { value: request, error } = validation.message(body)
      if (error) return error
      const waId = request.to.replace(/\D/g, '')
      const refused = refusal(waId)
      if (refused) return refused
      const text = request.template ? templates.render(request.template) : visibleText(request)
      if (typeof text !== 'string') return text

      conversations.meet(waId, `+${waId}`)
      const row = conversations.add({
        id: nextId(),
        inbound: 0,
        waId,
        type: request.type ?? 'text',
        text,
        replyTo: request.context?.message_id ?? null,
        at: clock.now(),
        status: 'accepted',
        errorCode: failureOf(waId, request),
        correlation: request.biz_opaque_callback_data ?? null,
        content: json,
        acknowledged: options.statuses ? 0 : 1,
      })!
      await store.committed()
      options.accepted(row, toChatMessage(row, body as Record<string, unknown>) as OutboundMessage)
      return { input: request.to, waId, id: row.id }
    },

    /** Marks a customer's message as read, and shows that an answer is being typed. */
    async mark(body: unknown): Promise<GraphError | undefined> {
      const { value: request, error } = validation.mark(body)
      if (error) return error
      const message = conversations.find(request.message_id)
      if (message?.inbound !== 1)
        return graphError(131009, 'message_id: there is no such message of a customer.')
      conversations.setStatus('read', message.seq)
      await store.committed()
      options.marked(message, request.typing_indicator !== undefined)
      return undefined
    },
  }

  function refusal(waId: string): GraphError | undefined {
    const { errorCodeRate, errorCode, throughputLimit, pairRateLimit } = faults.current
    if (errorCodeRate > 0 && random.next() < errorCodeRate)
      return graphError(errorCode, 'A fault that was switched on.')
    if (throughputLimit && !limits.throughput()) {
      return graphError(
        130429,
        'Too many messages were sent from this phone number in a short period of time.',
      )
    }
    if (pairRateLimit && !limits.pair(waId)) {
      return graphError(
        131056,
        'Too many messages were sent to this phone number in a short period of time. Wait and retry.',
      )
    }
    return undefined
  }

  /** The code that the message fails with after it was accepted. */
  function failureOf(waId: string, request: SendRequest): number | null {
    const { failureRate, failureCode } = faults.current
    if (failureRate > 0 && random.next() < failureRate) return failureCode
    if (request.template) return null
    const heardAt = conversations.customer(waId)?.last_inbound_at ?? null
    return heardAt === null || clock.now() - heardAt > windowMs ? 131047 : null
  }
}

function visibleText(request: SendRequest): string {
  if (request.text) return request.text.body
  if (request.interactive) return request.interactive.body?.text ?? ''
  const media = request[request.type ?? 'text'] as
    | { caption?: string; emoji?: string; name?: string }
    | undefined
  return media?.caption ?? media?.emoji ?? media?.name ?? `[${request.type}]`
}
