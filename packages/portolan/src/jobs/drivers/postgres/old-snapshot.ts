import type { Database } from '../../../persistence/database.ts'

interface Holder {
  /** `session 4711`, or `prepared transaction 'x'`. */
  readonly name: string
  readonly seconds: number
}

/** Transactions of this database that hold back its horizon. What another user does is seen by a member of `pg_read_all_stats` alone. */
const oldest = `
  select name, floor(extract(epoch from clock_timestamp() - since))::integer as seconds from (
    select 'session ' || pid || case when application_name = '' then '' else ' (' || application_name || ')' end as name, xact_start as since
    from pg_stat_activity
    where datname = current_database() and (backend_xmin is not null or backend_xid is not null) and backend_type = 'client backend'
    union all
    select 'prepared transaction ' || quote_literal(gid), prepared from pg_prepared_xacts where database = current_database()
  ) holder
  where since < clock_timestamp() - ? * interval '1 millisecond'
  order by since limit 1`

/**
 * The oldest transaction that has been open for longer than `limitMs`. While it lasts, VACUUM removes none of the jobs that were done since it
 * began, and every claim walks over them.
 */
export async function oldSnapshot(database: Database, limitMs: number): Promise<string | undefined> {
  const [holder] = await database.query<Holder>(oldest, [limitMs])
  if (!holder) return undefined
  return (
    `A transaction of ${holder.name} has been open for ${holder.seconds} s: PostgreSQL cannot clean up after the jobs that were done ` +
    'since, and they become slower. End it, and set idle_in_transaction_session_timeout where it comes from.'
  )
}
