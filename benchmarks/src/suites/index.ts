import type { Suite } from '../suite.ts'

interface SuiteEntry {
  /** For the person who chooses one: what it measures, and beside whom. */
  readonly about: string
  /** Loaded when it is asked for, with the peers that it measures. */
  load(): Promise<{ readonly suite: Suite }>
}

/** Every suite by its name. */
export const suites: Readonly<Record<string, SuiteEntry>> = {
  cache: {
    about: 'hits, misses, writes, tags and stampedes, in memory and over Redis; beside five npm caches',
    load: () => import('./cache.ts'),
  },
  hub: {
    about: 'the reference shop as a whole: recorded invoices through its webhook, memory, start, answers',
    load: () => import('./hub.ts'),
  },
  ids: { about: 'how fast ids are made; beside node:crypto', load: () => import('./ids.ts') },
  jobs: {
    about: 'enqueueing, draining, latency and CPU; beside BullMQ, pg-boss and graphile-worker',
    load: () => import('./jobs.ts'),
  },
  limits: { about: 'asking a limit; beside rate-limiter-flexible', load: () => import('./limits.ts') },
  locks: { about: 'taking and releasing a lock; beside redlock', load: () => import('./locks.ts') },
  messaging: {
    about:
      'the relay, the brokers, and the whole way from a transaction to a handler; beside raw clients and NestJS',
    load: () => import('./messaging.ts'),
  },
  persistence: {
    about: 'reads, saves, batches, pages and streams; beside the raw drivers, Kysely and four ORMs',
    load: () => import('./persistence.ts'),
  },
}
