import { trials } from '../jobs/trials.ts'
import { mysqlEngine } from '../persistence/grounds/mysql.ts'
import { postgres } from '../persistence/grounds/postgres.ts'
import { versionsOfServers } from '../place.ts'
import type { Suite } from '../suite.ts'

/** Background jobs: what goes in, what gets done, and how soon. */
export const suite: Suite = {
  name: 'jobs',
  packages: ['graphile-worker', 'pg-boss', 'bullmq', 'pg', 'mysql2', 'ioredis'],
  trials,
  engines: async () => ({
    ...(await postgres.version()),
    ...(await mysqlEngine.version()),
    ...(await versionsOfServers(['redis'])),
  }),
}
