import type { Clock } from '../ports/time.ts'
import type { Database } from './database.ts'
import type { Dialect, SqlStatement } from './driver.ts'

/** Milliseconds since the epoch, of the engine that several machines share. */
const ofServer: Readonly<Record<Exclude<Dialect, 'sqlite'>, string>> = {
  postgres: 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)',
  // In UTC, as local time has an hour twice a year.
  mysql: "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000)",
}

/**
 * SQL for the present moment in milliseconds since the epoch, on the clock by which all who share the database judge leases: the
 * server's own, as no two machines agree. Every process of a SQLite file runs on one machine, so there it is the given clock.
 *
 * @example
 * const now = leaseClock(database, clock)
 * await database.execute(`UPDATE lock SET lease_until = ${now.sql} + ? WHERE owner = ?`, [...now.parameters, 3_000, me])
 */
export function leaseClock({ dialect }: Database, clock: Clock): SqlStatement {
  return dialect === 'sqlite'
    ? { sql: '?', parameters: [Math.floor(clock.now())] }
    : { sql: ofServer[dialect], parameters: [] }
}
