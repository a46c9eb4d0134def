import type { Suite } from '../suite.ts'

/** Every suite by its name; loaded when it is asked for, with the peers that it measures. */
export const suites: Readonly<Record<string, () => Promise<{ readonly suite: Suite }>>> = {
  cache: () => import('./cache.ts'),
  hub: () => import('./hub.ts'),
  ids: () => import('./ids.ts'),
  jobs: () => import('./jobs.ts'),
  limits: () => import('./limits.ts'),
  locks: () => import('./locks.ts'),
  messaging: () => import('./messaging.ts'),
  persistence: () => import('./persistence.ts'),
}
