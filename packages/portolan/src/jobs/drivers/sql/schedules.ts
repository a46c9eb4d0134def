import type { Database } from '../../../persistence/database.ts'
import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { JobStore, ScheduleStore } from '../../driver.ts'
import type { ScheduleFacts } from '../../inspection.ts'

interface ScheduleRow {
  readonly name: string
  readonly cron: string
  readonly time_zone: string
  readonly missed: ScheduleFacts['missed']
  readonly queue: string
  readonly last_run_at: number
}

/**
 * A row a schedule. The last run only ever moves forward, and its move commits with the enqueue: of many processes one wins each
 * run, and one with a late clock can never fire an old run again.
 */
export function storedSchedules(database: Database, insert: JobStore['insert']): ScheduleStore {
  return {
    async declare({ name, cron, timeZone, missed, type }, now) {
      const known = await database.execute(
        'update portolan_job_schedule set cron = ?, time_zone = ?, missed = ?, queue = ? where name = ?',
        [cron, timeZone, missed, type, name],
      )
      if (known === 1) return
      const facts = { name, cron, time_zone: timeZone, missed, queue: type }
      await insertIfAbsent(database, 'portolan_job_schedule', { ...facts, last_run_at: now })
    },
    async lastRun(schedule) {
      const [row] = await database.query<{ last_run_at: number }>(
        'select last_run_at from portolan_job_schedule where name = ?',
        [schedule],
      )
      return row?.last_run_at
    },
    advance(schedule, runAt, job) {
      return database.run(async () => {
        const moved = await database.execute(
          'update portolan_job_schedule set last_run_at = ? where name = ? and last_run_at < ?',
          [runAt, schedule, runAt],
        )
        if (moved === 1 && job) await insert([job])
        return moved === 1
      })
    },
    async remove(name) {
      return (await database.execute('delete from portolan_job_schedule where name = ?', [name])) === 1
    },
    async list() {
      const rows = await database.query<ScheduleRow>(
        'select name, cron, time_zone, missed, queue, last_run_at from portolan_job_schedule order by name',
      )
      return rows.map(({ name, cron, time_zone: timeZone, missed, queue: type, last_run_at: lastRunAt }) => ({
        ...{ name, cron, timeZone, missed, type, lastRunAt },
      }))
    },
  }
}
