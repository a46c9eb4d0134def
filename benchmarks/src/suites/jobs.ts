import { growthTrials } from '../jobs/growth.ts'
import { trials } from '../jobs/trials.ts'
import { mysqlEngine } from '../persistence/grounds/mysql.ts'
import { postgres } from '../persistence/grounds/postgres.ts'
import { versionsOfServers } from '../place.ts'
import type { Suite } from '../suite.ts'

/** Background jobs: what goes in, what gets done, how soon, and what else there is changes of it. */
export const suite: Suite = {
  name: 'jobs',
  packages: ['graphile-worker', 'pg-boss', 'bullmq', 'pg', 'mysql2', 'ioredis'],
  trials: [...trials, ...growthTrials],
  engines: async () => ({
    ...(await postgres.version()),
    ...(await mysqlEngine.version()),
    ...(await versionsOfServers(['redis'])),
  }),
}
