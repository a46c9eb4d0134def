import { InfrastructureError } from 'portolan'
import { z } from 'zod'

/** Faults that can be switched while the emulator runs. They are not stored: a restarted emulator behaves. */
export interface Faults<F> {
  readonly current: Readonly<F>
  /** Changes some; the others stay. Rejects unknown names and impossible values with `invalid_argument`. */
  set(changes: Partial<F>): void
  /** Back to good behaviour. */
  reset(): void
}

/** `changed` is called after every change. */
export function createFaults<F extends object>(
  schema: z.ZodType<F>,
  changed: () => void = () => {},
): Faults<F> {
  const good = schema.parse({})
  let current = good
  return {
    get current() {
      return current
    },
    set(changes) {
      const parsed = schema.safeParse({ ...current, ...changes })
      if (!parsed.success) {
        throw new InfrastructureError('invalid_argument', `No such fault: ${z.prettifyError(parsed.error)}`)
      }
      current = parsed.data
      changed()
    },
    reset() {
      current = good
      changed()
    },
  }
}

/** Of all occasions, how many: 0 none, 1 all. */
export const rate = z.number().min(0).max(1).default(0)
const durationMs = z.number().int().min(0).max(600_000)

/** What any HTTP service can do to its clients. */
export const httpFaults = {
  /** Every request is refused with 503. */
  down: z.boolean().default(false),
  /** Before each answer. */
  latencyMs: durationMs.default(0),
  /** Requests that fail with 500 before anything is done. */
  errorRate: rate,
  /** Requests that are done but answered after `timeoutMs`: the client cannot know the outcome. */
  timeoutRate: rate,
  timeoutMs: durationMs.default(30_000),
  /** Requests that are done, and whose connection is reset instead of an answer. */
  resetRate: rate,
  /** The application's credential is refused. */
  revoked: z.boolean().default(false),
  /** Faults end after so many requests; 0: when they are switched off. */
  nextRequests: z.number().int().min(0).default(0),
}

/** What can happen to webhooks on their way. */
export const webhookFaults = {
  /** Delivered again after they were acknowledged. */
  duplicateWebhookRate: rate,
  /** Held back for up to two seconds, so that later ones overtake them. */
  reorderWebhookRate: rate,
  /** No webhook is delivered; they wait. */
  holdWebhooks: z.boolean().default(false),
}

export interface HttpFaults {
  readonly down: boolean
  readonly latencyMs: number
  readonly errorRate: number
  readonly timeoutRate: number
  readonly timeoutMs: number
  readonly resetRate: number
  readonly revoked: boolean
  readonly nextRequests: number
}

export interface WebhookFaults {
  readonly duplicateWebhookRate: number
  readonly reorderWebhookRate: number
  readonly holdWebhooks: boolean
}
