/**
 * Milliseconds since the epoch, unless a simulated time is given. The time of the statement, not of the transaction: a unit of work may
 * be long.
 */
export const now = 'coalesce(?::bigint, floor(1000*extract(epoch from statement_timestamp()))::bigint)'

/** A JSON array of numbers is an array of PostgreSQL but for its brackets, and `any` always goes by the key. */
export const ids = `= any(translate(?, '[]', '{}')::bigint[])`

/**
 * The fence. Worded so that no index of owners fits, and the key finds the rows: by their owner, each of them would be looked for in the
 * whole list of ids, which takes the square of their number.
 */
const held = 'owner is not distinct from ?'

const columns =
  'queue, priority, run_at, state, created_at, group_key, unique_key, unique_waiting, version, payload, trace'

const stored = `
  select queue, priority, due.run_at, case when due.run_at > clock.now then 1 else 0 end, clock.now, group_key, unique_key,
    unique_waiting, version, payload, trace
  from given cross join (select ${now} as now) clock
  cross join lateral (select coalesce(given.run_at, clock.now) + delay as run_at) due`

/** PostgreSQL writes twice what might collide, so only for what has a unique key. */
const unlessTaken = `${stored} on conflict do nothing`

const one = `
  with given as (
    select ?::text as queue, ?::smallint as priority, ?::bigint as run_at, ?::bigint as delay, ?::text as group_key,
      ?::text as unique_key, ?::smallint as unique_waiting, ?::integer as version, ?::text as payload, ?::text as trace
  )
  insert into portolan_job (${columns})`

export const insertOne = `${one} ${stored} returning id`

export const insertUnique = `${one} ${unlessTaken} returning id`

/** Jobs that differ in their payloads alone, with ids that ascend in the order of the array. */
export const insertAlike = `
  with given as (
    select ?::text as queue, ?::smallint as priority, ?::bigint as run_at, ?::bigint as delay, ?::text as group_key,
      ?::text as unique_key, ?::smallint as unique_waiting, ?::integer as version, payload, ?::text as trace
    from unnest(?::text[]) as payload
  )
  insert into portolan_job (${columns}) ${stored} returning id`

/**
 * The first ones as claimed by a session, which is held until the commit, as by an exchange: nobody ends it without seeing them. Ids ascend in
 * the order of the arrays.
 */
export const insertClaimed = `
  with session as materialized (select id from portolan_job_worker where id = ? and lease_until > 0 for key share)
  insert into portolan_job (queue, priority, run_at, state, attempt, owner, created_at, version, payload, trace)
  select given.queue, given.priority, clock.now, case when session.id is null then 0 else 3 end,
    case when session.id is null then 0 else 1 end, session.id, clock.now, given.version, job.payload, job.trace
  from (select ?::integer as claims, ?::text as queue, ?::smallint as priority, ?::integer as version) given
  cross join unnest(?::text[], ?::text[]) with ordinality as job (payload, trace, place)
  cross join (select ${now} as now) clock
  left join session on job.place <= given.claims
  order by job.place
  returning id, owner`

/**
 * Any number of jobs, with ids that ascend in the order of the array. Payloads are strings in it: they may hold JSON that PostgreSQL itself
 * does not take.
 */
export const insertMany = `
  with given as (
    select queue, priority, run_at, delay, group_key, unique_key, unique_waiting, version, payload, trace from json_to_recordset(?::json) as job (
      queue text, priority smallint, run_at bigint, delay bigint, group_key text, unique_key text,
      unique_waiting smallint, version integer, payload text, trace text)
  )
  insert into portolan_job (${columns}) ${unlessTaken} returning id, queue, unique_key`

const row = 'id, queue, attempt, crashes, parent, group_key, version, payload, trace, last_error'

// A priority each, so that the index gives the order: jobs of a high priority that are not due yet are never walked over. No more rows
// are locked than are taken: the next priority is only read when the one before has too few.
const due = (priority: number) => `select ${row} from (
    select ${row} from portolan_job
    where queue = ? and priority = ${priority} and state <= 1 and run_at <= ${now}
    order by run_at, id limit ? for update skip locked) due_${priority}`

const firstOfGroup = (state: number) => `(
    select other.id from portolan_job other
    where other.queue = job.queue and other.group_key = job.group_key and other.state = ${state}
    order by other.id limit 1)`

export const candidates = `
  select ${row},
    case when group_key is not null
      then coalesce(${firstOfGroup(3)}, nullif(least(${firstOfGroup(0)}, job.id), job.id)) end as held_by,
    case when group_key is not null and ${firstOfGroup(2)} < job.id then 1 else 0 end as behind
  from (${due(0)} union all ${due(1)} union all ${due(2)} limit ?) job`

/**
 * The plans of statements are kept, and the first ones are made while the table is empty or unknown: reading all of it is best then, and
 * the worst thing later.
 */
export const indexesOnly = `
  select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)`

export const anchor = `select id, state from portolan_job where id ${ids} and state in (0, 3) for update skip locked`

export const take = `update portolan_job set state = 3, owner = ?, attempt = attempt + 1,
    unique_key = case when unique_waiting = 0 then unique_key end where id ${ids}`

export const setAside = `update portolan_job set state = 2 where id ${ids}`

export const deleteDone = `delete from portolan_job where id ${ids} and ${held}`

export const giveBack = `
  update portolan_job set state = 0, owner = null, attempt = attempt - 1 where id ${ids} and ${held}`

export const free = `
  update portolan_job set state = 0, owner = null, crashes = crashes + 1 where id ${ids} and ${held}`

export const retry = `
  with failed as (select (value->>0)::bigint as id, (value->>1)::bigint as delay, value->>2 as reason from json_array_elements(?::json))
  update portolan_job job
  set state = 1, owner = null, crashes = 0, run_at = ${now} + failed.delay, last_error = failed.reason
  from failed where job.id = failed.id and job.owner = ?`

export const bury = `
  with failed as (
    select (value->>0)::bigint as id, (value->>1)::integer as attempts, value->>2 as reason, value->>3 as stack,
      (value->>4)::bigint as keep_ms
    from json_array_elements(?::json)
  )
  insert into portolan_job_dead
    (id, queue, priority, attempts, created_at, died_at, keep_until, parent, group_key, unique_key, version, payload, trace, reason, stack)
  select job.id, job.queue, job.priority, failed.attempts, job.created_at, clock.now, clock.now + failed.keep_ms, job.parent, job.group_key,
    job.unique_key, job.version, job.payload, job.trace, failed.reason, failed.stack
  from failed cross join (select ${now} as now) clock join portolan_job job on job.id = failed.id
  where job.owner = ?`

export const keep = `
  with kept as (
    select (value->>0)::bigint as id, value->>1 as outcome, (value->>2)::bigint as keep_ms, value->>3 as result
    from json_array_elements(?::json)
  )
  insert into portolan_job_ended
    (id, queue, outcome, attempts, created_at, ended_at, keep_until, group_key, unique_key, payload, progress, result)
  select job.id, job.queue, kept.outcome, job.attempt, job.created_at, clock.now, clock.now + kept.keep_ms, job.group_key,
    job.unique_key, job.payload, (select progress from portolan_job_progress where job_id = job.id), kept.result
  from kept cross join (select ${now} as now) clock join portolan_job job on job.id = kept.id
  where job.owner = ?`

/** Looks again at the state once it has the row: the job may have been cancelled meanwhile. */
export const openGroups = `
  update portolan_job set state = 0
  where state = 2 and id = any(array(
    select (
      select next.id from portolan_job next
      where next.queue = let_go.value->>0 and next.group_key = let_go.value->>1 and next.state = 2
      order by next.id limit 1
    ) from json_array_elements(?::json) let_go))`

const earliest = (priority: number) => `(
    select run_at from portolan_job where queue = wanted.queue and priority = ${priority} and state <= 1
    order by run_at limit 1)`

/** Also when the rate lets one of the groups go on that wait for it. */
export const nextDue = `
  select queue, least(${earliest(0)}, ${earliest(1)}, ${earliest(2)},
    (select min(opens_at) from portolan_job_group_rate rated where rated.queue = wanted.queue)) - ${now} as due
  from json_array_elements_text(?::json) as wanted (queue)`

export const openSession = `
  insert into portolan_job_worker (lease_until, host, pid, started) values (${now} + ?::bigint, ?, ?, ?) returning id`
