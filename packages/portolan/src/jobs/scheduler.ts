import { InfrastructureError } from '../ports/errors.ts'
import type { JobType, ScheduleOptions } from '../ports/jobs.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { type CronTimes, cronTimes } from './cron.ts'
import type { NewJob, ScheduleStore } from './driver.ts'
import { newJob } from './enqueuer.ts'
import type { ScheduleFacts, ScheduleListing } from './inspection.ts'
import type { Units } from './units.ts'

/** A run that is this late was missed; one that is less late only had to wait for its turn. */
const missedAfterMs = 10_000
/** Runs in one transaction at most, when all that were missed are made up for. */
const mostAtOnce = 500

interface Schedule extends ScheduleFacts {
  readonly times: CronTimes
  readonly job: (runAt: number) => Promise<NewJob>
  /** When to look again, in milliseconds since the epoch. */
  nextAt: number
}

/** Enqueues jobs at the times of cron expressions: each run once, however many processes try. */
export class Scheduler {
  readonly #units: Units
  readonly #store: ScheduleStore
  readonly #surroundings: Surroundings
  /** Called after the commit. */
  readonly #stored: (jobs: readonly NewJob[]) => void
  readonly #schedules = new Map<string, Schedule>()
  #prepared = false

  constructor(
    units: Units,
    store: ScheduleStore,
    surroundings: Surroundings,
    stored: (jobs: readonly NewJob[]) => void,
  ) {
    this.#units = units
    this.#store = store
    this.#surroundings = surroundings
    this.#stored = stored
  }

  declare<Payload>(
    name: string,
    options: ScheduleOptions,
    type: JobType<Payload>,
    payload: Payload | undefined,
  ): void {
    const { cron, timeZone = 'UTC', missed = 'once' } = options
    if (name.trim() === '') throw new InfrastructureError('invalid_argument', 'A schedule needs a name.')
    if (this.#schedules.has(name))
      throw new InfrastructureError(
        'invalid_argument',
        `Schedule '${name}' was declared already. Give each its own name.`,
      )
    if (!(['skip', 'once', 'all'] as readonly string[]).includes(missed))
      throw new InfrastructureError(
        'invalid_argument',
        `Schedule '${name}': missed is 'skip', 'once' or 'all', not ${JSON.stringify(missed)}.`,
      )
    const job = (runAt: number) =>
      newJob(type, payload ?? ({ scheduledFor: new Date(runAt).toISOString() } as Payload))
    const facts = { name, cron, timeZone, missed, type: type.name }
    this.#prepared = false
    this.#schedules.set(name, { ...facts, times: cronTimes(name, cron, timeZone), job, nextAt: 0 })
  }

  get isEmpty(): boolean {
    return this.#schedules.size === 0
  }

  /** When `fire` has something to do, in milliseconds since the epoch. */
  get nextAt(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const { nextAt } of this.#schedules.values()) earliest = Math.min(earliest, nextAt)
    return earliest
  }

  /**
   * Makes the schedules known in the store: what lies before the first time was not missed.
   *
   * @throws InfrastructureError `invalid_argument` when a schedule's payload is not what its job wants.
   */
  async prepare(): Promise<void> {
    if (this.#prepared) return
    const now = this.#surroundings.clock.now()
    for (const { job } of this.#schedules.values()) await job(now)
    for (const schedule of this.#schedules.values()) await this.#store.declare(schedule, now)
    this.#prepared = true
  }

  /** Enqueues what is due. */
  async fire(): Promise<void> {
    const now = this.#surroundings.clock.now()
    for (const schedule of this.#schedules.values()) {
      if (schedule.nextAt > now) continue
      const caughtUp = await this.#units.run(() => this.#fire(schedule, now))
      schedule.nextAt = caughtUp ? (schedule.times.next(now) ?? Number.POSITIVE_INFINITY) : now
    }
  }

  /** Whether nothing that is due is left. */
  async #fire(schedule: Schedule, now: number): Promise<boolean> {
    const { name } = schedule
    const last = (await this.#store.lastRun(name)) ?? now
    const runs = dueRuns(schedule, last, now)
    for (const runAt of runs) {
      const skipped = schedule.missed === 'skip' && now - runAt > missedAfterMs
      const job = skipped ? undefined : await schedule.job(runAt)
      const moved = await this.#store.advance(name, runAt, job)
      if (moved && job) this.#units.afterCommit(() => this.#stored([job]))
    }
    return runs.length < mostAtOnce
  }
}

/** The runs after `last` and up to `now` that are to be looked at, in order. */
function dueRuns({ missed, times }: Schedule, last: number, now: number): number[] {
  if (missed !== 'all') {
    const latest = times.latest(now)
    return latest !== undefined && latest > last ? [latest] : []
  }
  const runs: number[] = []
  let next = times.next(last)
  while (next !== undefined && next <= now && runs.length < mostAtOnce) {
    runs.push(next)
    next = times.next(next)
  }
  return runs
}

/** A stored schedule with the run that comes next. */
export function listingOfSchedule(stored: ScheduleFacts & { readonly lastRunAt: number }): ScheduleListing {
  const { name, cron, timeZone, lastRunAt } = stored
  const next = cronTimes(name, cron, timeZone).next(lastRunAt)
  return {
    ...stored,
    lastRunAt: new Date(lastRunAt),
    ...(next !== undefined && { nextRunAt: new Date(next) }),
  }
}
