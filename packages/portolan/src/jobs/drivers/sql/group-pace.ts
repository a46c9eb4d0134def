import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { ClaimLimits } from '../../driver.ts'
import { groupOf, slotsOf } from '../../limits.ts'
import type { Pace } from './choice.ts'
import type { CandidateRow, JobEngine } from './engine.ts'
import { tokens } from './tokens.ts'

/** Groups that are let go on in one claim; those that are left are due, and come next. */
const mostOpened = 200

interface RateRow {
  readonly group_key: string
  readonly busy_until: number
  readonly opens_at: number | null
}

interface Group {
  busyUntil: number
  /** When its next job may begin; set when one had to be set aside, until the group was let go on. */
  opensAt: number | null
  /** Whether the row is there. */
  readonly stored: boolean
  changed: boolean
}

/**
 * The rate of each group of a queue, in one claim. A row for each group that has begun something lately says how far its rate is used up; a
 * job that it does not let begin is set aside, like one that waits for another of its group, and `opens_at` says when whoever claims then
 * lets the group go on. So a group that must wait costs the others nothing, and keeps its order. Claims of a queue with such a rate take
 * turns; the rows that they read are locked, so that none is swept away meanwhile.
 */
export class GroupPace implements Pace {
  readonly #engine: JobEngine
  readonly #queue: string
  readonly #rate: NonNullable<ClaimLimits['groupRate']>
  readonly #now: number
  readonly #groups = new Map<string, Group>()
  /** In how many milliseconds the first of the groups that had to wait goes on. */
  opensInMs: number | undefined

  constructor(engine: JobEngine, queue: string, rate: NonNullable<ClaimLimits['groupRate']>, now: number) {
    this.#engine = engine
    this.#queue = queue
    this.#rate = rate
    this.#now = now
  }

  /** Lets those groups go on whose time has come. */
  async open(): Promise<void> {
    const { database, words } = this.#engine
    const rows = await database.query<RateRow>(
      `select group_key, busy_until, opens_at from portolan_job_group_rate where queue = ? and opens_at <= ?
       order by opens_at limit ${mostOpened}${words.lock}`,
      [this.#queue, this.#now],
    )
    if (rows.length === 0) return
    if (rows.length === mostOpened) this.opensInMs = 0
    for (const row of rows) this.#keep({ ...row, opens_at: null }, true)
    await this.#engine.openGroups(
      rows.flatMap(({ group_key: group }) =>
        slotsOf(group, this.#rate.slots).map(slot => [this.#queue, slot] as const),
      ),
    )
  }

  /** Finds out about the groups of `rows`, before they are asked for. */
  async read(rows: readonly CandidateRow[]): Promise<void> {
    const { database, words } = this.#engine
    const unknown = new Set<string>()
    for (const { group_key: stored } of rows) {
      const group = stored === null ? undefined : groupOf(stored)
      if (group !== undefined && !this.#groups.has(group)) unknown.add(group)
    }
    if (unknown.size === 0) return
    const lists = await database.grammar.lists('portolan_job_group_rate', 'group_key', [...unknown])
    for (const { sql, parameters } of lists) {
      const known = await database.query<RateRow>(
        `select group_key, busy_until, opens_at from portolan_job_group_rate where queue = ? and group_key in ${sql}${words.lock}`,
        [this.#queue, ...parameters],
      )
      for (const row of known) this.#keep(row, false)
    }
    for (const group of unknown) {
      if (this.#groups.has(group)) continue
      this.#groups.set(group, { busyUntil: 0, opensAt: null, stored: false, changed: false })
    }
  }

  lets(row: CandidateRow): boolean {
    const group = this.#groupOf(row)
    // Without a group, there is no rate to keep.
    if (!group) return true
    group.changed = true
    const { left, from, stepMs, nextInMs } = tokens(this.#rate, group.busyUntil, this.#now)
    if (left > 0) {
      group.busyUntil = from + stepMs
      return true
    }
    group.opensAt = this.#now + nextInMs
    this.opensInMs = Math.min(this.opensInMs ?? nextInMs, nextInMs)
    return false
  }

  holds(row: CandidateRow): boolean {
    return typeof this.#groupOf(row)?.opensAt === 'number'
  }

  /** Writes down what was counted. */
  async write(): Promise<void> {
    const { database } = this.#engine
    for (const [group, { busyUntil, opensAt, stored, changed }] of this.#groups) {
      if (!changed) continue
      const row = { busy_until: Math.ceil(busyUntil), opens_at: opensAt }
      if (stored) {
        await database.execute(
          'update portolan_job_group_rate set busy_until = ?, opens_at = ? where queue = ? and group_key = ?',
          [row.busy_until, row.opens_at, this.#queue, group],
        )
      } else {
        await insertIfAbsent(database, 'portolan_job_group_rate', {
          queue: this.#queue,
          group_key: group,
          ...row,
        })
      }
    }
  }

  #groupOf({ group_key: stored }: CandidateRow): Group | undefined {
    return stored === null ? undefined : this.#groups.get(groupOf(stored))
  }

  #keep({ group_key: group, busy_until: busyUntil, opens_at: opensAt }: RateRow, changed: boolean): void {
    this.#groups.set(group, { busyUntil, opensAt, stored: true, changed })
  }
}

/**
 * Lets all groups of `queue` go on that wait for a rate which their type has no more, as nobody else would; whether there were any. To be asked
 * when nothing else is due.
 */
export async function openForgotten(engine: JobEngine, queue: string): Promise<boolean> {
  const { database } = engine
  const forgotten = await database.execute(
    'update portolan_job_group_rate set opens_at = null where queue = ? and opens_at is not null',
    [queue],
  )
  if (forgotten === 0) return false
  const groups = await database.query<{ group_key: string }>(
    'select distinct group_key from portolan_job where queue = ? and group_key is not null and state = 2',
    [queue],
  )
  await engine.openGroups(groups.map(({ group_key: group }) => [queue, group] as const))
  return true
}

/** Deletes the rows of groups that have begun nothing for so long that they are as good as new. */
export async function sweepGroupRates({ database }: JobEngine, now: number): Promise<void> {
  await database.execute('delete from portolan_job_group_rate where opens_at is null and busy_until <= ?', [
    now,
  ])
}
