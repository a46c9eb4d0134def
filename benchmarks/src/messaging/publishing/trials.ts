import type { Trial } from '../../suite.ts'
import { contenderOn } from '../contender.ts'
import type { EngineName, Place } from '../places.ts'
import { type Transacting, transactionRate } from './transacting.ts'

type Open = (place: Place) => Promise<Transacting>

const byHand: Open = async place => (await import('./by-hand.ts')).transactingByHand(place)
const ours: Open = async place => (await import('./portolan.ts')).portolanTransacting(place)
const transactionalOutbox: Open = async place =>
  (await import('./by-hand.ts')).transactingWithTransactionalOutbox(place)

const entrants = (engine: EngineName): Readonly<Record<string, Open>> => ({
  [`portolan/${engine}`]: ours,
  'polling outbox': byHand,
  ...(engine === 'postgres' && { 'pg-transactional-outbox': transactionalOutbox }),
})

/** What a transaction costs that writes a row, and what it costs when it publishes, too. */
export const publishingTrials: readonly Trial[] = (['sqlite', 'postgres', 'mysql'] as const).map(engine => {
  const plain = `${engine}: transaction`
  const publishing = `${engine}: transaction that publishes`
  return {
    name: 'publish',
    cases: {
      [plain]: { unit: 'transactions/s', better: 'higher' },
      [publishing]: { unit: 'transactions/s', better: 'higher' },
    },
    contenders: Object.entries(entrants(engine)).map(([name, open]) =>
      contenderOn(engine, name, open, async transacting => ({
        [plain]: await transactionRate(transacting, false),
        [publishing]: await transactionRate(transacting, true),
      })),
    ),
  }
})
