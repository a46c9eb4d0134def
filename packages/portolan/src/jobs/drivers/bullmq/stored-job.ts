import type { JobJson } from 'bullmq'
import type { ClaimedJob, NewJob } from '../../driver.ts'
import { answersOf } from './answers.ts'
import { isRefusal, type Queue, type Queues } from './queues.ts'

/** Jobs that are read together. */
const page = 100
/** Answers for each of them. */
const readings = 5

/** BullMQ keeps when a delayed job is due in the score, above these bits. */
const scoreBits = 4_096

/** What BullMQ keeps as the job's data. */
interface Data {
  readonly version: number
  /** The job lets go of its unique key when it is claimed. */
  readonly freesKey?: true
  readonly trace?: string
  readonly payload: unknown
}

/** What is kept as the result of a job that is to be found later. */
export interface Ended {
  readonly outcome: 'done' | 'cancelled'
  readonly keepMs: number
  readonly result?: unknown
}

/** A job as it is stored. */
export interface StoredJob {
  readonly place: 'waiting' | 'delayed' | 'active' | 'completed' | 'failed'
  /** How often it was tried, an attempt that runs not included. */
  readonly tried: number
  readonly createdAt: number
  /** When it is due, or was. */
  readonly dueAt: number
  readonly endedAt: number | undefined
  readonly unique: string | undefined
  readonly payload: unknown
  readonly lastError: string | undefined
  readonly stack: string
  /** How long a dead letter is kept; absent: until somebody replays or discards it. */
  readonly keepDeadMs: number | undefined
  readonly progress: unknown
  readonly ended: Ended | undefined
}

/** A job as BullMQ takes it. */
export function jobJson(id: string, job: NewJob, now: number): JobJson {
  const { queue, priority, runAt, delayMs, unique, uniqueWhile, version, trace, payload } = job
  const delay = Math.max(0, Math.ceil(delayMs + (runAt === undefined ? 0 : runAt - now)))
  const frees = unique !== undefined && uniqueWhile === 'waiting'
  const told = { version, ...(frees && { freesKey: true }), ...(trace !== undefined && { trace }) }
  return {
    id,
    name: queue,
    // The payload is JSON already.
    data: `${JSON.stringify(told).slice(0, -1)},"payload":${payload}}`,
    opts: {
      ...{ jobId: id, timestamp: now, delay, priority, attempts: 0 },
      ...(unique !== undefined && { deduplication: { id: unique } }),
    },
    ...{ timestamp: now, delay, priority, progress: 0, returnvalue: 'null', failedReason: '' },
    ...{ attemptsMade: 0, attemptsStarted: 0, stalledCounter: 0 },
    ...(unique !== undefined && { deduplicationId: unique }),
  }
}

/** A job that was just claimed, and the unique key that it lets go of now. */
export function claimedJob(
  json: JobJson,
  id: string,
): { readonly job: ClaimedJob; readonly freed: string | undefined } {
  const { version, trace, freesKey, payload } = JSON.parse(json.data) as Data
  const lost = json.stalledCounter
  return {
    job: {
      ...{ id, queue: json.name, parent: null, group: null, version },
      // An attempt is made when it has ended, or when its worker was lost: one that was given back is none.
      attempt: json.attemptsMade + lost + 1,
      payload: JSON.stringify(payload),
      trace: trace ?? null,
      lastError: json.failedReason || null,
      suspect: lost >= 2,
    },
    freed: freesKey ? json.deduplicationId : undefined,
  }
}

/** What is stored under an id, at one moment; `undefined` when there is nothing. */
export async function readJob(queues: Queues, queue: Queue, id: string): Promise<StoredJob | undefined> {
  const [job] = await readJobs(queues, queue, [id])
  return job
}

/** What is stored under each of `ids`. A page of them takes one transaction: many at once would wait for each other until they are given up. */
export async function readJobs(
  { client }: Queues,
  queue: Queue,
  ids: readonly string[],
): Promise<(StoredJob | undefined)[]> {
  const { completed, failed, delayed, active } = queue.keys
  const jobs: (StoredJob | undefined)[] = []
  for (let from = 0; from < ids.length; from += page) {
    const multi = client.multi()
    for (const id of ids.slice(from, from + page)) {
      multi.hgetall(queue.toKey(id))
      for (const key of [completed, failed, delayed]) multi.zscore(key!, id)
      multi.lpos(active!, id)
    }
    const answers = answersOf(await multi.exec())
    for (let at = 0; at < answers.length; at += readings)
      jobs.push(jobOf(answers.slice(at, at + readings) as Read))
  }
  return jobs
}

function jobOf([fields, completed, failed, delayed, active]: Read): StoredJob | undefined {
  if (fields.data === undefined) return undefined
  const place =
    completed !== null
      ? 'completed'
      : failed !== null
        ? 'failed'
        : delayed !== null
          ? 'delayed'
          : active !== null
            ? 'active'
            : 'waiting'
  const createdAt = Number(fields.timestamp)
  return {
    place,
    tried: Number(fields.atm ?? 0) + Number(fields.stc ?? 0),
    createdAt,
    dueAt: delayed === null ? dueAt(fields.dueAt, fields.timestamp, fields.opts) : dueAtScore(delayed),
    endedAt: fields.finishedOn === undefined ? undefined : Number(fields.finishedOn),
    unique: fields.deid,
    payload: (JSON.parse(fields.data) as Data).payload,
    lastError: fields.failedReason || undefined,
    stack: ((JSON.parse(fields.stacktrace ?? '[]') as string[])[0] ?? '') as string,
    keepDeadMs: fields.keepMs === undefined ? undefined : Number(fields.keepMs),
    progress: told(fields.progress),
    ended: place === 'completed' ? (JSON.parse(fields.returnvalue ?? 'null') as Ended) : undefined,
  }
}

type Read = [Partial<Record<string, string>>, string | null, string | null, string | null, number | null]

/** When a job that is not delayed became due: `given` when it was told anew, otherwise as it was enqueued. */
export function dueAt(given: string | null | undefined, timestamp = '0', opts = '{}'): number {
  if (given !== undefined && given !== null) return Number(given)
  return Number(timestamp) + ((JSON.parse(opts) as { readonly delay?: number }).delay ?? 0)
}

export function dueAtScore(score: string): number {
  return Math.floor(Number(score) / scoreBits)
}

/** The score of what is due after `now`. */
export function scoreAfter(now: number): number {
  return (now + 1) * scoreBits
}

/** BullMQ's own for one that told nothing is 0. */
function told(progress: string | undefined): unknown {
  const value = JSON.parse(progress ?? '0') as unknown
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : undefined
}

/** Does `work`; `false` where BullMQ says that the job is not where, or whose, it was taken to be. */
export async function unlessRefused(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!isRefusal(error)) throw error
    return false
  }
}
