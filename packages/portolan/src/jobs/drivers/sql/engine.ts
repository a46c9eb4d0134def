import type { Database } from '../../../persistence/database.ts'
import type { Migration } from '../../../persistence/migrations.ts'
import type { InsertedClaimed, NewJob } from '../../driver.ts'
import type { ProcessIdentity } from './process-identity.ts'
import type { RunSteps } from './steps.ts'

/** A job that may be claimed, as it stands in the table. */
export interface CandidateRow {
  readonly id: number
  /** Before this claim. */
  readonly attempt: number
  readonly crashes: number
  readonly parent: number | null
  readonly group_key: string | null
  readonly version: number
  readonly payload: string
  readonly trace: string | null
  readonly last_error: string | null
  /** The job of its group that comes first: the one that runs, or else the first that is ready and was enqueued before. */
  readonly held_by: number | null
  /** 1: one of its group that was set aside was enqueued before. */
  readonly behind: number
}

/** Pieces of statements that each engine words differently. */
export interface Words {
  /** The store's time, in milliseconds since the epoch: an expression with one parameter, which `time` gives. */
  readonly now: string
  /** At the end of a `SELECT`: its rows stay as they are until the transaction ends. Rows that others hold are waited for. */
  readonly lock: string
  /** As `lock`, but without those that others hold. */
  readonly lockFree: string
  /** As `lock`, but lets the row's other columns change. */
  readonly hold: string
  /** After a column: is one of the ids that are given as the text of a JSON array. */
  readonly ids: string
  /** At the end of an `INSERT … SELECT` into `portolan_job`: leaves out what collides with a job that is there. */
  readonly ignoringConflicts: string
}

/**
 * What a SQL engine must say for itself: the statements that it words in its own way. What they are for, and in which order they
 * are run, stands above, once for all of them. Ids and rows are given as the text of JSON arrays.
 *
 * Several workers run the same transactions at the same time, at READ COMMITTED or on an engine with a single writer. Four rules
 * keep them apart without ever waiting for each other's rows:
 *
 * - Whoever exchanges holds the row of its session; whoever rescues skips sessions that are held.
 * - Candidates are locked as they are read, and those that others hold are left out.
 * - Of two workers that take two jobs of a group at the same moment, one notices, and starts again.
 * - A job is set aside only while the one that it waits for is held, so that whoever lets go of the group finds it.
 */
export interface JobEngine {
  readonly database: Database
  readonly migrations: readonly Migration[]
  readonly words: Words
  /** All processes that use the database run on one machine. */
  readonly oneMachine: boolean
  /** The parameter of `words.now`: a simulated time, or null where the engine's clock tells it. */
  time(): number | null
  /** The store's time. */
  now(): Promise<number>
  /** Runs statements that do not wait for each other's answers: all at once where the engine takes them so, else in turn. */
  readonly all: RunSteps

  insert(jobs: readonly NewJob[]): Promise<(string | undefined)[]>
  /** As `JobStore.insertClaimed`. */
  insertClaimed?(session: number, jobs: readonly NewJob[], claims: number): Promise<InsertedClaimed>
  /** Each queue that has a job in the index of what may be claimed, and the milliseconds until its first one is due. */
  nextDue(queues: readonly string[]): Promise<{ readonly queue: string; readonly due: number | null }[]>

  /** Called first in the transaction of an exchange: makes ready for its statements. */
  begin(): Promise<unknown>
  /** Due jobs in the order of claiming, locked. */
  candidates(queue: string, limit: number): Promise<CandidateRow[]>
  /** Locks those of the jobs that run or are ready, and that nobody else holds. Absent where a transaction writes alone. */
  anchor?(ids: string): Promise<{ readonly id: number; readonly state: number }[]>
  /** `grouped`: how many of them have a group. Rejects with `already_exists` when another job of one of these groups runs by now. */
  take(session: number, ids: string, grouped: number): Promise<unknown>
  setAside(ids: string): Promise<unknown>

  // Every one of these is fenced by the session, and resolves with the number of jobs that it held.
  deleteDone(session: number, ids: string): Promise<number>
  /** `rows`: id, delay in milliseconds, reason. */
  retry(session: number, rows: string): Promise<number>
  /** Copies to the dead letters. `rows`: id, attempts, reason, stack, milliseconds to keep it or null. */
  bury(session: number, rows: string): Promise<number>
  /** Copies to those that have ended, with their progress. `rows`: id, outcome, milliseconds to keep it, result. */
  keep(session: number, rows: string): Promise<number>
  giveBack(session: number, ids: string): Promise<number>
  /** Gives back what a worker held when it was lost. */
  free(session: number, ids: string): Promise<number>
  /** Makes the first job that waits in each group ready. `groups`: pairs of queue and group. */
  openGroups(groups: readonly (readonly [string, string])[]): Promise<unknown>

  openSession(leaseMs: number, process: ProcessIdentity): Promise<number>
  /** As `InspectionStore.burden`. */
  burden?(limitMs: number): Promise<string | undefined>
}
