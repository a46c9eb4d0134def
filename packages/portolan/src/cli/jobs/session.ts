import type { JobService } from '../../jobs/job-service.ts'
import { createJobs } from '../../jobs/jobs.ts'
import { openJobs } from '../../jobs/open-jobs.ts'
import type { Terminal } from '../command.ts'
import { connect } from '../database.ts'
import { librarySets } from '../migrate/library.ts'
import { requireTables } from '../tables.ts'

/**
 * Calls `work` with the jobs of a database, or of BullMQ in Redis.
 *
 * @throws InfrastructureError `precondition_failed` when the database has no tables of them.
 */
export async function withJobs<T>(
  url: string | undefined,
  terminal: Terminal,
  work: (jobs: JobService) => Promise<T>,
): Promise<T> {
  const given = url ?? terminal.env.DATABASE_URL
  if (given !== undefined && /^rediss?:/i.test(given)) {
    await using jobs = await openJobs(given, { mode: 'manual' })
    return await work(jobs)
  }
  await using database = await connect(url, terminal, { absent: 'refused' })
  const sets = await librarySets(database.dialect)
  const { namespace, migrations } = sets.find(({ namespace }) => namespace === 'portolan-jobs')!
  await requireTables(database, 'jobs', namespace, migrations)
  await using jobs = createJobs({ database, mode: 'manual' })
  return await work(jobs)
}
