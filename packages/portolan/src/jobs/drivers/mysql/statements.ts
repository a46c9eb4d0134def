/** Milliseconds since the epoch, unless a simulated time is given; whatever the time zone of the session is. */
export const now = `coalesce(?, timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`

const listed = `json_table(?, '$[*]' columns (id bigint path '$')) as given`

export const ids = `in (select given.id from ${listed})`

/** The jobs whose ids are given, by their primary key, which is all that is locked. */
const given = `${listed} straight_join portolan_job job force index (primary) on job.id = given.id`

export const columns = [
  'queue',
  'priority',
  'run_at',
  'state',
  'created_at',
  'group_key',
  'unique_key',
  'unique_waiting',
  'version',
  'payload',
  'trace',
] as const

// The first one by the index, as `exists` would read all of a group for those that are not there.
const firstOfGroup = (state: number) => `(
    select other.id from portolan_job other force index (portolan_job_group)
    where other.queue = job.queue and other.group_key = job.group_key and other.state = ${state}
    order by other.id limit 1)`

/** Of one priority, so that the index gives the order: jobs of a high priority that are not due yet are never walked over. */
export const candidates = `
  select id, attempt, crashes, parent, group_key, version, payload, trace, last_error,
    case when group_key is not null
      then coalesce(${firstOfGroup(3)}, nullif(least(coalesce(${firstOfGroup(0)}, job.id), job.id), job.id)) end as held_by,
    case when group_key is not null and ${firstOfGroup(2)} < job.id then 1 else 0 end as behind
  from portolan_job job force index (portolan_job_due)
  where queue = ? and due_priority = ? and run_at <= ${now}
  order by run_at, id limit ? for update skip locked`

/** MySQL takes a lock on rows that are given for a mistake, and MariaDB does not know how to leave them out. */
export const anchor = `
  select job.id, job.state from ${given} where job.state in (0, 3)
  for update /*!80000 of job */ skip locked`

export const take = `update ${given} 
  set job.state = 3, job.owner = ?, job.attempt = job.attempt + 1,
    job.unique_key = case when job.unique_waiting = 0 then job.unique_key end`

/**
 * The jobs that run in the groups of those whose ids are given, as they are at this moment: those of a transaction in progress are waited
 * for. A unique index would keep a second one out, too, but checking it locks the gaps between groups, which makes workers collide that
 * have nothing to do with each other.
 */
export const runningBeside = `
  select other.id from ${given}
    straight_join portolan_job other force index (portolan_job_group)
      on other.queue = job.queue and other.group_key = job.group_key and other.state = 3
  for update /*!80000 of other */`

export const setAside = `update ${given} set job.state = 2`

export const deleteDone = `delete job from ${given} where job.owner = ?`

export const giveBack = `
  update ${given} set job.state = 0, job.owner = null, job.attempt = job.attempt - 1 where job.owner = ?`

export const free = `
  update ${given} set job.state = 0, job.owner = null, job.crashes = job.crashes + 1 where job.owner = ?`

export const retry = `
  update json_table(?, '$[*]' columns (
      id bigint path '$[0]', delay bigint path '$[1]', reason text path '$[2]')) as failed
    straight_join portolan_job job force index (primary) on job.id = failed.id
  set job.state = 1, job.owner = null, job.crashes = 0, job.run_at = ${now} + failed.delay, job.last_error = failed.reason
  where job.owner = ?`

export const bury = `
  insert into portolan_job_dead
    (id, queue, priority, attempts, created_at, died_at, keep_until, parent, group_key, unique_key, version, payload, trace, reason, stack)
  select job.id, job.queue, job.priority, failed.attempts, job.created_at, clock.now, clock.now + failed.keep_ms, job.parent, job.group_key,
    job.unique_key, job.version, job.payload, job.trace, failed.reason, failed.stack
  from (select ${now} as now) as clock
    straight_join json_table(?, '$[*]' columns (
      id bigint path '$[0]', attempts integer path '$[1]', reason text path '$[2]', stack mediumtext path '$[3]',
      keep_ms bigint path '$[4]')) as failed
    straight_join portolan_job job force index (primary) on job.id = failed.id
  where job.owner = ?`

export const keep = `
  insert into portolan_job_ended
    (id, queue, outcome, attempts, created_at, ended_at, keep_until, group_key, unique_key, payload, progress, result)
  select job.id, job.queue, kept.outcome, job.attempt, job.created_at, clock.now, clock.now + kept.keep_ms, job.group_key,
    job.unique_key, job.payload, (select progress from portolan_job_progress where job_id = job.id), kept.result
  from (select ${now} as now) as clock
    straight_join json_table(?, '$[*]' columns (
      id bigint path '$[0]', outcome varchar(200) path '$[1]', keep_ms bigint path '$[2]', result longtext path '$[3]')) as kept
    straight_join portolan_job job force index (primary) on job.id = kept.id
  where job.owner = ?`

/** As the tables have it: MariaDB and MySQL each read the comment that is theirs. */
const collated = 'collate /*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */'

export const firstBlocked = `
  select (
    select job.id from portolan_job job force index (portolan_job_group)
    where job.queue = let_go.queue ${collated} and job.group_key = let_go.group_key ${collated} and job.state = 2
    order by job.id limit 1) as id
  from json_table(?, '$[*]' columns (queue varchar(200) path '$[0]', group_key varchar(500) path '$[1]')) as let_go`

/** Looks again at the state once it has the row: the job may have been cancelled meanwhile. */
export const open = `update ${given} set job.state = 0 where job.state = 2`

const earliest = (priority: number) => `(
    select run_at from portolan_job force index (portolan_job_due) where queue = ? and due_priority = ${priority}
    order by run_at limit 1)`

/** The first jobs of a queue by their priority, and when the rate lets one of its groups go on; `UNION ALL` makes one statement of several. */
export const nextDue = `select ? as queue, ${earliest(0)} as high, ${earliest(1)} as normal, ${earliest(2)} as low,
  (select min(opens_at) from portolan_job_group_rate where queue = ?) as opens`

export const insertedIds = 'select last_insert_id() as first, @@auto_increment_increment as step'

export const openSession = `
  insert into portolan_job_worker (lease_until, host, pid, started) values (${now} + ?, ?, ?, ?)`
