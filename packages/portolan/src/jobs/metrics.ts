import { type Attributes, type Counter, type Histogram, metrics } from '@opentelemetry/api'
import type { Clock } from '../ports/time.ts'
import type { JobCounts, JobsStatus } from './inspection.ts'

/** What became of an attempt. */
export type AttemptOutcome = 'done' | 'retried' | 'dead' | 'cancelled' | 'returned'

const system: Attributes = { 'messaging.system': 'portolan' }
const states = [
  'waiting',
  'running',
  'scheduled',
  'retrying',
  'parked',
  'dead',
] as const satisfies (keyof JobCounts)[]

/**
 * The metrics of jobs, under the names that the semantic conventions have for messages; durations in seconds. Without an SDK they cost
 * nothing.
 */
export class JobMetrics {
  readonly #sent: Counter
  readonly #consumed: Counter
  readonly #duration: Histogram
  readonly #clock: Clock
  readonly #sentOf = new Map<string, Attributes>()
  #unobserve: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    const meter = metrics.getMeter('portolan/jobs')
    this.#sent = meter.createCounter('messaging.client.sent.messages', { unit: '{message}' })
    this.#consumed = meter.createCounter('messaging.client.consumed.messages', { unit: '{message}' })
    this.#duration = meter.createHistogram('messaging.process.duration', { unit: 's' })
  }

  /** Asks `status` whenever the gauges are read, until `close`. */
  observe(status: () => Promise<JobsStatus>): void {
    const meter = metrics.getMeter('portolan/jobs')
    const jobs = meter.createObservableUpDownCounter('portolan.jobs.jobs', { unit: '{job}' })
    const age = meter.createObservableGauge('portolan.jobs.oldest_age', {
      unit: 's',
      description: 'For how long the oldest job that waits has been due',
    })
    const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async result => {
      for (const { type, oldestDueAt, ...counts } of (await status()).types) {
        const about = aboutType(type)
        for (const state of states) result.observe(jobs, counts[state], { ...about, 'portolan.state': state })
        const ageMs = oldestDueAt === undefined ? 0 : this.#clock.now() - oldestDueAt.getTime()
        result.observe(age, Math.max(0, ageMs) / 1_000, about)
      }
    }
    meter.addBatchObservableCallback(observe, [jobs, age])
    this.#unobserve = () => meter.removeBatchObservableCallback(observe, [jobs, age])
  }

  /** A job of `type` was stored. */
  sent(type: string): void {
    let about = this.#sentOf.get(type)
    if (!about) {
      about = aboutType(type)
      this.#sentOf.set(type, about)
    }
    this.#sent.add(1, about)
  }

  /** What counts the attempts at jobs of `type`. */
  of(type: string): (outcome: AttemptOutcome, durationMs: number) => void {
    const about = new Map<AttemptOutcome, Attributes>()
    return (outcome, durationMs) => {
      let attributes = about.get(outcome)
      if (!attributes) {
        attributes = { ...aboutType(type), 'portolan.outcome': outcome }
        about.set(outcome, attributes)
      }
      this.#consumed.add(1, attributes)
      this.#duration.record(durationMs / 1_000, attributes)
    }
  }

  close(): void {
    this.#unobserve?.()
    this.#unobserve = undefined
  }
}

function aboutType(type: string): Attributes {
  return { ...system, 'messaging.destination.name': type }
}
