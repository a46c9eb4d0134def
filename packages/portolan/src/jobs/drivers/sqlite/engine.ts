import type { Database } from '../../../persistence/database.ts'
import type { Clock } from '../../../ports/time.ts'
import type { CandidateRow, JobEngine } from '../sql/engine.ts'
import { together } from '../sql/steps.ts'
import { insert } from './insert.ts'
import { migrations } from './schema.ts'

// A priority each, so that the index gives the order: jobs of a high priority that are not due yet are never walked over.
const due = (priority: number) => `select * from (
    select id, queue, attempt, crashes, parent, group_key, version, payload, trace, last_error from portolan_job
    where queue = ? and priority = ${priority} and state <= 1 and run_at <= ?
    order by run_at, id limit ?)`

const firstOfGroup = (state: number) => `(
    select other.id from portolan_job other
    where other.queue = job.queue and other.group_key = job.group_key and other.state = ${state}
    order by other.id limit 1)`

const candidates = `
  select id, attempt, crashes, parent, group_key, version, payload, trace, last_error,
    case when group_key is not null
      then coalesce(${firstOfGroup(3)}, nullif(min(${firstOfGroup(0)}, job.id), job.id)) end as held_by,
    group_key is not null and coalesce(${firstOfGroup(2)} < job.id, 0) as behind
  from (${due(0)} union all ${due(1)} union all ${due(2)} limit ?) job`

const earliest = (priority: number) => `coalesce((
    select run_at from portolan_job where queue = wanted.value and priority = ${priority} and state <= 1
    order by run_at limit 1), 9e15)`

/** Also when the rate lets one of the groups go on that wait for it. */
const nextDue = `
  select queue, nullif(due, 9e15) - ? as due from (
    select wanted.value as queue, min(${earliest(0)}, ${earliest(1)}, ${earliest(2)}, coalesce((
      select min(opens_at) from portolan_job_group_rate where queue = wanted.value), 9e15)) as due from json_each(?) wanted)`

const ids = 'in (select value from json_each(?))'

const take = `
  update portolan_job set state = 3, owner = ?, attempt = attempt + 1,
    unique_key = case when unique_waiting = 0 then unique_key end where id ${ids}`
const setAside = `update portolan_job set state = 2 where id ${ids}`

const deleteDone = `delete from portolan_job where id ${ids} and owner = ?`
const giveBack = `update portolan_job set state = 0, owner = null, attempt = attempt - 1 where id ${ids} and owner = ?`
const free = `update portolan_job set state = 0, owner = null, crashes = crashes + 1 where id ${ids} and owner = ?`

const retry = `
  update portolan_job set state = 1, owner = null, crashes = 0, run_at = ? + (failed.value->>1), last_error = failed.value->>2
  from json_each(?) failed
  where portolan_job.id = failed.value->>0 and portolan_job.owner = ?`

const bury = `
  insert into portolan_job_dead
    (id, queue, priority, attempts, created_at, died_at, keep_until, parent, group_key, unique_key, version, payload, trace, reason, stack)
  select job.id, job.queue, job.priority, failed.value->>1, job.created_at, clock.now, clock.now + (failed.value->>4), job.parent,
    job.group_key, job.unique_key, job.version, job.payload, job.trace, failed.value->>2, failed.value->>3
  from (select ? as now) clock cross join json_each(?) failed cross join portolan_job job on job.id = failed.value->>0
  where job.owner = ?`

const keep = `
  insert into portolan_job_ended
    (id, queue, outcome, attempts, created_at, ended_at, keep_until, group_key, unique_key, payload, progress, result)
  select job.id, job.queue, kept.value->>1, job.attempt, job.created_at, clock.now, clock.now + (kept.value->>2), job.group_key,
    job.unique_key, job.payload, (select progress from portolan_job_progress where job_id = job.id), kept.value->>3
  from (select ? as now) clock cross join json_each(?) kept cross join portolan_job job on job.id = kept.value->>0
  where job.owner = ?`

const openGroups = `
  update portolan_job set state = 0 where id in (
    select (
      select id from portolan_job next
      where next.queue = let_go.value->>0 and next.group_key = let_go.value->>1 and next.state = 2
      order by id limit 1
    ) from json_each(?) let_go)`

/** SQLite, whose processes are all on one machine: its clock is everybody's. There is one writer, so a transaction is all the locking. */
export function sqliteEngine(database: Database, clock: Clock): JobEngine {
  return {
    database,
    migrations,
    words: { now: '?', lock: '', lockFree: '', hold: '', ids, ignoringConflicts: 'on conflict do nothing' },
    oneMachine: true,
    time: () => clock.now(),
    now: async () => clock.now(),
    all: together,
    insert: jobs => insert(database, jobs, clock.now()),
    nextDue: queues => database.query(nextDue, [clock.now(), JSON.stringify(queues)]),
    begin: async () => {},
    candidates(queue, limit) {
      const arm = [queue, clock.now(), limit]
      return database.query<CandidateRow>(candidates, [...arm, ...arm, ...arm, limit])
    },
    take: (session, list) => database.execute(take, [session, list]),
    setAside: list => database.execute(setAside, [list]),
    deleteDone: (session, list) => database.execute(deleteDone, [list, session]),
    retry: (session, rows) => database.execute(retry, [clock.now(), rows, session]),
    bury: (session, rows) => database.execute(bury, [clock.now(), rows, session]),
    keep: (session, rows) => database.execute(keep, [clock.now(), rows, session]),
    giveBack: (session, list) => database.execute(giveBack, [list, session]),
    free: (session, list) => database.execute(free, [list, session]),
    openGroups: groups => database.execute(openGroups, [JSON.stringify(groups)]),
    async openSession(leaseMs, { host, pid, started }) {
      const [row] = await database.query<{ id: number }>(
        'insert into portolan_job_worker (lease_until, host, pid, started) values (?, ?, ?, ?) returning id',
        [clock.now() + leaseMs, host, pid, started],
      )
      return row!.id
    },
  }
}
