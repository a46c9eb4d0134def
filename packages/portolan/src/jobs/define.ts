import { InfrastructureError } from '../ports/errors.ts'
import type { Backoff, JobLimits, JobPriority, JobType } from '../ports/jobs.ts'
import type { Schema } from '../ports/schema.ts'
import type { Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'
import { checkVersions } from '../runtime/upcasting.ts'
import { checkLimits } from './limits.ts'

export interface JobOptions<Payload> {
  /** What the payload must look like; checked when a job is enqueued and again before it runs. */
  readonly schema: Schema<Payload>
  /** How often in all, the first included. Default 5. */
  readonly attempts?: number
  /** The pause before a retry. Default `exponential({ from: '1s', to: '10m' })`. */
  readonly backoff?: Backoff
  /** How long one attempt may take. Default `'1m'`. */
  readonly timeout?: Duration
  /** Which of the jobs that are due goes first. Default `'normal'`. */
  readonly priority?: JobPriority
  /** 1 (default), 2, 3, …: raise it when the shape of the payload changes. It is stored with each job. */
  readonly version?: number
  /** Lifts a payload of version `n` to `n + 1`; the key is `n`. What cannot be lifted is a dead letter that says why. */
  readonly upcasters?: Readonly<Record<number, (payload: unknown) => unknown>>
  /** How long an ended job can be found, with its result. Default: it is deleted when it ends. */
  readonly keep?: Duration
  /**
   * How long a dead letter is kept before it is discarded, as if somebody had done so. Default: until somebody replays or
   * discards it.
   */
  readonly keepDead?: Duration
  /** What all processes together do of it. Default: no limit but the `concurrency` of each worker, and 1 for each group. */
  readonly limits?: JobLimits
}

/**
 * Declares a kind of job. Pure: it belongs to the application layer, beside the use case that the job runs.
 *
 * @throws InfrastructureError `invalid_argument` when the name is empty or an option makes no sense.
 * @example
 * const SendReceipt = defineJob('send-receipt', {
 *   schema: z.object({ orderId: z.string() }),
 *   attempts: 8,
 *   backoff: exponential({ from: '500ms', to: '5m' }),
 *   timeout: '30s',
 * })
 */
export function defineJob<Payload, const Name extends string>(
  name: Name,
  options: JobOptions<Payload>,
): JobType<Payload, Name> {
  const { schema, attempts = 5, timeout = '1m', priority = 'normal', version = 1, upcasters = {} } = options
  const backoff = options.backoff ?? exponential({ from: '1s', to: '10m' })
  if (name.trim() === '') throw invalid('A job needs a name, such as `send-receipt`.')
  if (!Number.isInteger(attempts) || attempts < 1)
    throw invalid(`Job '${name}': attempts must be a whole number of 1 or more, not ${attempts}.`)
  if (milliseconds(timeout, `Job '${name}': timeout`) === 0)
    throw invalid(`Job '${name}': timeout must be longer than nothing.`)
  if (!(['high', 'normal', 'low'] as readonly string[]).includes(priority))
    throw invalid(`Job '${name}': priority is 'high', 'normal' or 'low', not ${JSON.stringify(priority)}.`)
  checkVersions(`job '${name}'`, version, upcasters)
  const { keep, keepDead, limits } = options
  if (limits) checkLimits(name, limits)
  if (keep !== undefined) milliseconds(keep, `Job '${name}': keep`)
  if (keepDead !== undefined) milliseconds(keepDead, `Job '${name}': keepDead`)
  const retries = { attempts, backoff, timeout, priority }
  return {
    kind: 'job',
    name,
    schema,
    ...retries,
    version,
    upcasters,
    ...(keep !== undefined && { keep }),
    ...(keepDead !== undefined && { keepDead }),
    ...(limits && { limits }),
  }
}

/**
 * Pauses that begin at `from` and double up to `to`, with jitter: each is drawn from the upper half of its length, so that jobs
 * which failed together do not come back together.
 */
export function exponential({ from, to }: Backoff): Backoff {
  if (milliseconds(from, 'backoff.from') > milliseconds(to, 'backoff.to'))
    throw invalid(`backoff: from (${from}) must not be longer than to (${to}).`)
  return { from, to }
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
