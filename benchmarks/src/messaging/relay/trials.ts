import type { Trial } from '../../suite.ts'
import { Arrivals } from '../arrivals.ts'
import { contenderOn } from '../contender.ts'
import type { EngineName, Place } from '../places.ts'
import { type Relaying, relayRate } from './relaying.ts'

interface Entrant {
  readonly name: string
  /** Messages in a round: enough for some tenths of a second. */
  readonly count: number
  readonly open: (place: Place, arrivals: Arrivals) => Promise<Relaying>
}

const polling: Entrant = {
  ...{ name: 'polling outbox', count: 10_000 },
  open: async (...given) => (await import('./polling.ts')).pollingRelay(...given),
}

const transactionalOutbox: Entrant = {
  ...{ name: 'pg-transactional-outbox', count: 500 },
  open: async (...given) => (await import('./pg-transactional-outbox.ts')).transactionalOutboxRelay(...given),
}

const peers: Readonly<Record<EngineName, readonly Entrant[]>> = {
  sqlite: [polling],
  postgres: [polling, transactionalOutbox],
  mysql: [polling],
}

const counts: Readonly<Record<EngineName, number>> = { sqlite: 50_000, postgres: 50_000, mysql: 20_000 }

const ours = (engine: EngineName): Entrant => ({
  ...{ name: `portolan/${engine}`, count: counts[engine] },
  open: async (...given) => (await import('./portolan.ts')).portolanRelay(...given),
})

/** How fast a full outbox is emptied into a broker that does nothing. */
export const relayTrials: readonly Trial[] = (['sqlite', 'postgres', 'mysql'] as const).map(engine => ({
  name: 'relay',
  cases: { [`${engine}: relay`]: { unit: 'messages/s', better: 'higher' } },
  contenders: [ours(engine), ...peers[engine]].map(({ name, count, open }) => {
    const arrivals = new Arrivals()
    return contenderOn(
      engine,
      name,
      place => open(place, arrivals),
      async relaying => ({ [`${engine}: relay`]: await relayRate(relaying, arrivals, count) }),
    )
  }),
}))
