import { casesOf, type Taker } from '../limits/cases.ts'
import { type EngineName, versionsOfServers } from '../place.ts'
import type { Suite } from '../suite.ts'
import { type Open, trialOn } from '../trial-on.ts'

const contenders: Record<string, Open<Taker>> = {
  portolan: async (engine, place) => (await import('../limits/portolan.ts')).portolan(engine, place),
  'rate-limiter-flexible': async (engine, place) =>
    (await import('../limits/flexible.ts')).flexible(engine, place),
}

const engines: readonly EngineName[] = ['memory', 'redis', 'postgres', 'mysql', 'sqlite']

/** What it costs to ask a limit. */
export const suite: Suite = {
  name: 'limits',
  packages: ['rate-limiter-flexible', 'ioredis', 'pg', 'mysql2', 'better-sqlite3'],
  trials: engines.map(engine => trialOn(engine, 'takes/s', casesOf(engine), contenders)),
  engines: () => versionsOfServers(engines),
}
