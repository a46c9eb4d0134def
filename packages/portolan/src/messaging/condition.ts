import { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'
import type { Clock } from '../ports/time.ts'
import { reasonOf, sentence } from '../runtime/failure.ts'
import { lateness } from './backlogs.ts'
import type { Crossing } from './crossing.ts'
import type { DeadMessages } from './dead-messages.ts'
import type { Delayed } from './delayed.ts'
import type { Backlog, BrokerDriver } from './driver.ts'
import type { Groups } from './groups.ts'
import type { MessagingStatus } from './messaging.ts'
import type { Outbox } from './outbox.ts'

export interface ConditionParts {
  readonly driver: BrokerDriver
  readonly crossing: Crossing | undefined
  readonly outbox: Outbox
  readonly delayed: Delayed
  readonly groups: Groups
  readonly dead: DeadMessages
  readonly clock: Clock
  /** What has waited for longer is trouble. */
  readonly lagLimitMs: number
}

/** How a messaging that was started is: what waits where, and what is wrong. */
export class Condition {
  readonly #parts: ConditionParts

  constructor(parts: ConditionParts) {
    this.#parts = parts
  }

  async health(): Promise<Health> {
    const { crossing, groups, delayed, driver } = this.#parts
    const trouble = crossing?.trouble ?? groups.trouble
    if (trouble !== undefined) return { status: 'degraded', detail: trouble }
    if (!delayed.healthy)
      return { status: 'degraded', detail: 'Delayed messages are not published; see the log.' }
    const health = await driver.health()
    if (health.status !== 'up') return health
    const late = await this.#late()
    if (late !== undefined) return { status: 'degraded', detail: late }
    const paused = [...groups.standing].filter(([, stands]) => stands).map(([group]) => `'${group}'`)
    if (paused.length === 0) return health
    return { ...health, detail: `Paused: ${paused.join(', ')}.` }
  }

  async status(): Promise<MessagingStatus> {
    // In the order in which messages move, so that none is missed.
    const delayed = await this.#parts.delayed.count()
    const outbox = await this.#parts.outbox.status()
    const groups = await this.backlog()
    return {
      outbox: outbox.waiting,
      outboxOldest: outbox.oldest,
      delayed,
      backlog: groups.reduce((sum, { waiting }) => sum + waiting, 0),
      groups,
      paused: await this.#parts.groups.paused(),
      dead: await this.#parts.dead.count(),
    }
  }

  /** What waits for each group, as far as the broker tells. @throws InfrastructureError `unavailable` while it does not answer. */
  async backlog(): Promise<readonly Backlog[]> {
    const { crossing, driver } = this.#parts
    try {
      return await (crossing ? crossing.backlog() : driver.backlog([]))
    } catch (cause) {
      if (InfrastructureError.is(cause)) throw cause
      const message = `The broker (${driver.name}) does not tell what waits: ${sentence(reasonOf(cause))}`
      throw new InfrastructureError('unavailable', message, { cause, retry: 'later' })
    }
  }

  async #late(): Promise<string | undefined> {
    const { outbox, groups, clock, lagLimitMs } = this.#parts
    const { oldest } = await outbox.status()
    const paused = new Set((await groups.paused()).map(({ group }) => group))
    try {
      const waiting = (await this.backlog()).filter(({ group }) => !paused.has(group))
      return lateness(oldest, waiting, clock.now() - lagLimitMs)
    } catch (error) {
      // It may have gone a moment ago.
      if (InfrastructureError.is(error, 'unavailable')) return error.message
      throw error
    }
  }
}
