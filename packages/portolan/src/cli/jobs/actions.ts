import type { JobState, JobTypeStatus } from '../../jobs/inspection.ts'
import type { JobService } from '../../jobs/job-service.ts'
import { InfrastructureError } from '../../ports/errors.ts'
import { systemClock } from '../../runtime/clock.ts'
import { ago } from '../ages.ts'
import { UsageError } from '../command.ts'
import { brief, printable, printableRow } from '../printable.ts'
import { table } from '../table.ts'
import { unknownText } from '../unknown.ts'

export interface JobsCall {
  /** IDs, or names of types or schedules. */
  readonly names: readonly string[]
  readonly type: string | undefined
  readonly state: string | undefined
  readonly all: boolean
  readonly limit: number
}

export interface JobsResult {
  readonly text: string
  readonly data: object
}

type Action = (jobs: JobService, call: JobsCall) => Promise<JobsResult>

const states = ['waiting', 'scheduled', 'retrying', 'running', 'parked', 'dead'] as const

export const actions: Readonly<Record<string, Action>> = {
  async status(jobs) {
    const status = await jobs.status()
    return { text: status.types.length === 0 ? 'There are no jobs.\n' : counted(status.types), data: status }
  },
  async list(jobs, { type, state, limit }) {
    const listed = await listing(jobs, type, state, limit)
    const now = systemClock.now()
    const rows = listed.map(job => [
      ...[
        job.id,
        job.type,
        job.state,
        String(job.attempt),
        ago(job.createdAt, now),
        brief(job.lastError ?? ''),
      ],
    ])
    const head = ['ID', 'TYPE', 'STATE', 'ATTEMPT', 'CREATED', 'LAST ERROR']
    return {
      text: rows.length === 0 ? 'There are none.\n' : table([head, ...rows.map(printableRow)]),
      data: { jobs: listed },
    }
  },
  async show(jobs, { names }) {
    if (names.length !== 1) throw new UsageError("'portolan jobs show' takes one ID, as 'list' shows them.")
    const job = await jobs.find(names[0]!)
    if (!job)
      throw new InfrastructureError(
        'not_found',
        `There is no job ${JSON.stringify(names[0])}. It may have ended.`,
      )
    const { payload, stack = '', ...facts } = job
    const rows = Object.entries<unknown>(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : told(value)])
    const parts = [
      table(rows),
      `${JSON.stringify(payload, null, 2)}\n`,
      ...(stack === '' ? [] : [`${stack}\n`]),
    ]
    return { text: printable(parts.join('\n')), data: { job } }
  },
  async retry(jobs, { names, all, type }) {
    if (all !== (names.length === 0))
      throw new UsageError('Which? Give IDs, or --all for all dead letters; not both.')
    if (all) {
      const retried = await jobs.deadLetters.replayAll({ type })
      return { text: `${retried} on their way again.\n`, data: { retried } }
    }
    for (const id of names) await jobs.retry(id)
    return { text: `${names.length} on their way again.\n`, data: { retried: names.length } }
  },
  async discard(jobs, { names }) {
    for (const id of required(names, 'an ID')) await jobs.deadLetters.discard(id)
    return { text: `${names.length} deleted.\n`, data: { discarded: names.length } }
  },
  async cancel(jobs, { names }) {
    const cancelled: Record<string, string> = {}
    for (const id of required(names, 'an ID')) cancelled[id] = await jobs.cancel(id)
    return { text: table(Object.entries(cancelled)), data: { cancelled } }
  },
  async pause(jobs, { names }) {
    for (const type of required(names, 'the name of a type')) await jobs.pause(type)
    return { text: `Nothing of ${names.join(', ')} is begun until it is resumed.\n`, data: { paused: names } }
  },
  async resume(jobs, { names }) {
    for (const type of required(names, 'the name of a type')) await jobs.resume(type)
    return { text: `${names.join(', ')}: resumed.\n`, data: { resumed: names } }
  },
  async schedules(jobs) {
    const schedules = await jobs.schedules()
    const rows = schedules.map(({ name, type, cron, timeZone, missed, lastRunAt, nextRunAt }) => [
      ...[name, type, cron, timeZone, missed, lastRunAt.toISOString(), nextRunAt?.toISOString() ?? 'never'],
    ])
    const head = ['NAME', 'TYPE', 'CRON', 'TIME ZONE', 'MISSED', 'LAST', 'NEXT']
    return { text: rows.length === 0 ? 'There are none.\n' : table([head, ...rows]), data: { schedules } }
  },
  async unschedule(jobs, { names }) {
    for (const name of required(names, 'the name of a schedule')) await jobs.unschedule(name)
    return { text: `${names.join(', ')}: forgotten.\n`, data: { unscheduled: names } }
  },
}

async function listing(jobs: JobService, type: string | undefined, state: string | undefined, limit: number) {
  if (state !== undefined && !(states as readonly string[]).includes(state))
    throw new UsageError(unknownText('state', state, states))
  if (state !== 'dead')
    return jobs.list({
      limit,
      ...(type !== undefined && { type }),
      ...(state && { state: state as JobState }),
    })
  const letters = await jobs.deadLetters.list({ type, limit })
  return letters.map(({ attempts: attempt, reason: lastError, ...letter }) => ({
    ...letter,
    state,
    attempt,
    lastError,
  }))
}

function required(names: readonly string[], what: string): readonly string[] {
  if (names.length === 0) throw new UsageError(`Which? Give ${what}, or several.`)
  return names
}

function counted(types: readonly JobTypeStatus[]): string {
  const now = systemClock.now()
  return table([
    ['TYPE', 'WAITING', 'RUNNING', 'SCHEDULED', 'RETRYING', 'PARKED', 'DEAD', 'OLDEST'],
    ...types.map(({ type, waiting, running, scheduled, retrying, parked, dead, oldestDueAt, paused }) => [
      paused ? `${type} (paused)` : type,
      ...[waiting, running, scheduled, retrying, parked, dead].map(String),
      oldestDueAt ? ago(oldestDueAt, now) : '',
    ]),
  ])
}

function told(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
