import type { Database } from '../../../persistence/database.ts'
import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { ScheduleStore } from '../../driver.ts'

/**
 * A row a schedule. The last run only ever moves forward, and its move commits with the enqueue: of many processes one wins each
 * run, and one with a late clock can never fire an old run again.
 */
export function storedSchedules(database: Database): ScheduleStore {
  return {
    async lastRun(schedule) {
      const [row] = await database.query<{ last_run_at: number }>(
        'select last_run_at from portolan_job_schedule where name = ?',
        [schedule],
      )
      return row?.last_run_at
    },
    async advance(schedule, runAt) {
      const moved = await database.execute(
        'update portolan_job_schedule set last_run_at = ? where name = ? and last_run_at < ?',
        [runAt, schedule, runAt],
      )
      if (moved === 1) return true
      return insertIfAbsent(database, 'portolan_job_schedule', { name: schedule, last_run_at: runAt })
    },
  }
}
