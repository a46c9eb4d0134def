import { type Attributes, metrics } from '@opentelemetry/api'
import type { Clock } from '../ports/time.ts'
import type { Backlog, WireMessage } from './driver.ts'

/** What waits, for the gauges. */
export interface Waiting {
  readonly outbox: number
  readonly outboxOldest: Date | undefined
  readonly dead: number
  /** Of the groups for which something waits; `undefined` while the broker does not tell. */
  readonly groups: readonly Backlog[] | undefined
  /** The groups of this process, each with whether it is paused. */
  readonly standing: ReadonlyMap<string, boolean>
}

/** What became of a message in a handler. */
export type HandledOutcome = 'handled' | 'retried' | 'dead'

/** Messaging's metrics, by the semantic conventions where they have one; durations in seconds. Without an SDK they cost nothing. */
export class MessagingMetrics {
  readonly #system: Attributes
  readonly #clock: Clock
  readonly #sent
  readonly #consumed
  readonly #duration
  readonly #lag
  readonly #outbox
  readonly #age
  readonly #dead
  readonly #waiting
  readonly #waitingAge
  readonly #paused
  #unobserve: (() => void) | undefined

  constructor(system: string, clock: Clock) {
    this.#system = { 'messaging.system': system }
    this.#clock = clock
    const meter = metrics.getMeter('portolan/messaging')
    this.#sent = meter.createCounter('messaging.client.sent.messages', { unit: '{message}' })
    this.#consumed = meter.createCounter('messaging.client.consumed.messages', { unit: '{message}' })
    this.#duration = meter.createHistogram('messaging.process.duration', { unit: 's' })
    this.#lag = meter.createHistogram('portolan.messaging.lag', {
      unit: 's',
      description: 'From when a message was published to when its first handling began',
    })
    this.#outbox = meter.createObservableUpDownCounter('portolan.messaging.outbox.messages', {
      unit: '{message}',
    })
    this.#age = meter.createObservableGauge('portolan.messaging.outbox.oldest_age', { unit: 's' })
    this.#dead = meter.createObservableUpDownCounter('portolan.messaging.dead_letters', { unit: '{message}' })
    this.#waiting = meter.createObservableUpDownCounter('portolan.messaging.group.messages', {
      unit: '{message}',
      description: 'What waits for a group, and what it has in hand',
    })
    this.#waitingAge = meter.createObservableGauge('portolan.messaging.group.oldest_age', { unit: 's' })
    this.#paused = meter.createObservableGauge('portolan.messaging.group.paused', {
      description: '1 while a group is paused, otherwise 0',
    })
  }

  /** Asks `waiting` whenever the gauges are read, until `close`. */
  observe(waiting: () => Promise<Waiting>): void {
    const meter = metrics.getMeter('portolan/messaging')
    const gauges = [this.#outbox, this.#age, this.#dead, this.#waiting, this.#waitingAge, this.#paused]
    const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async result => {
      const { outbox, outboxOldest, dead, groups, standing } = await waiting()
      const of = (group: string) => ({ ...this.#system, 'messaging.consumer.group.name': group })
      result.observe(this.#outbox, outbox, this.#system)
      result.observe(this.#age, this.#ageOf(outboxOldest), this.#system)
      result.observe(this.#dead, dead, this.#system)
      for (const [group, paused] of standing) {
        result.observe(this.#paused, paused ? 1 : 0, of(group))
        if (!groups) continue
        const backlog = groups.find(one => one.group === group)
        result.observe(this.#waiting, backlog?.waiting ?? 0, of(group))
        // Not every broker tells since when.
        if (!backlog || backlog.oldest)
          result.observe(this.#waitingAge, this.#ageOf(backlog?.oldest), of(group))
      }
    }
    meter.addBatchObservableCallback(observe, gauges)
    this.#unobserve = () => meter.removeBatchObservableCallback(observe, gauges)
  }

  sent(count: number): void {
    this.#sent.add(count, this.#system)
  }

  /** A handler begins. Returns what is told how it ended. */
  begin(
    group: string,
    { topic, attributes }: WireMessage,
    attempt: number,
  ): (outcome: HandledOutcome) => void {
    const about = {
      ...this.#system,
      'messaging.destination.name': topic,
      'messaging.consumer.group.name': group,
    }
    const published = Date.parse(attributes.time ?? '')
    if (attempt === 1 && Number.isFinite(published))
      this.#lag.record(Math.max(0, this.#clock.now() - published) / 1_000, about)
    const began = this.#clock.monotonic()
    return outcome => {
      const ended = { ...about, 'portolan.outcome': outcome }
      this.#duration.record((this.#clock.monotonic() - began) / 1_000, ended)
      this.#consumed.add(1, ended)
    }
  }

  close(): void {
    this.#unobserve?.()
  }

  /** In seconds; 0 when there is none. */
  #ageOf(oldest: Date | undefined): number {
    return oldest === undefined ? 0 : Math.max(0, this.#clock.now() - oldest.getTime()) / 1_000
  }
}
