import { casesOf, type Locker } from '../locks/cases.ts'
import { type EngineName, versionsOfServers } from '../place.ts'
import type { Suite } from '../suite.ts'
import { type Open, trialOn } from '../trial-on.ts'

const ours: Record<string, Open<Locker>> = {
  portolan: async (engine, place) => (await import('../locks/portolan.ts')).portolan(engine, place),
}

const peers: Record<string, Open<Locker>> = {
  redlock: async (_, place) => (await import('../locks/redlock.ts')).redlock(place),
}

const engines: readonly EngineName[] = ['redis', 'memory', 'postgres', 'mysql', 'sqlite']

/** What it costs to take and release a lock; the peer is at home in Redis alone. */
export const suite: Suite = {
  name: 'locks',
  packages: ['redlock', 'ioredis', 'pg', 'mysql2'],
  trials: engines.map(engine =>
    trialOn(engine, 'locks/s', casesOf(engine), { ...ours, ...(engine === 'redis' && peers) }),
  ),
  engines: () => versionsOfServers(engines),
}
