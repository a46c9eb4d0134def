import type { Database } from '../persistence/database.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { JobService, JobsTerms } from './job-service.ts'
import { createJobs } from './jobs.ts'

export interface OpenJobsOptions extends JobsTerms {
  /** The application's: in its units of work, what would have to commit with them is refused. Default: that is not looked at. */
  readonly database?: Database
}

/**
 * Jobs outside of the application's database, in the engine that a URL names: `redis://user:password@host:6379/0?prefix=shop` (also `rediss:`),
 * through BullMQ, which needs the packages `bullmq` and `ioredis`. Parameters: `prefix` (begins every key; default `portolan`),
 * `connect_timeout` and `command_timeout` (5s each). For jobs in the application's own database: `createJobs({ database })`.
 *
 * It connects when it is started or first used.
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that is unknown; `unavailable` with what to install when a
 * client library is missing. The URL is in none of them: it may hold a password.
 * @example
 * await using jobs = await openJobs('redis://localhost:6379?prefix=shop', { database })
 */
export async function openJobs(url: string, options: OpenJobsOptions = {}): Promise<JobService> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'redis' || scheme === 'rediss') {
    const [{ bullmqJobs }, { parseRedisUrl }] = await Promise.all([
      import('./drivers/bullmq/driver.ts'),
      import('../redis/index.ts'),
    ])
    return createJobs({ ...options, driver: await bullmqJobs(parseRedisUrl(url)) })
  }
  throw new InfrastructureError(
    'invalid_argument',
    `${scheme ? `There are no jobs over '${scheme}:'` : 'The URL of the jobs has no scheme'}. Use redis://; in the application's ` +
      'database, use createJobs({ database }).',
  )
}
