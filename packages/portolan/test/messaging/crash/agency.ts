import { z } from 'zod'
import { createMessaging, databaseBroker, defineMessage, defineSaga } from '../../../src/messaging/index.ts'
import { type Database, openDatabase } from '../../../src/persistence/index.ts'
import { counter } from '../engines.ts'

/** How trips are booked: as a saga, or by what is often written instead. */
export type Booking = 'saga' | 'naive'

const trip = z.object({ n: z.int() })
const Wanted = defineMessage('agency.trip.wanted', { version: 1, schema: trip })
const Booked = defineMessage('agency.trip.booked', { version: 1, schema: trip })
const Trip = defineSaga('agency.trip', {
  version: 1,
  state: z.object({ n: z.int() }),
  steps: ['flight', 'hotel'],
  timeouts: ['payment'],
})

const key = ({ n }: { n: number }) => String(n)
/** Those are never paid: they time out, and are undone. */
const unpaid = (n: number) => n % 2 === 1

const expected = (n: number) =>
  unpaid(n) ? ['flight', 'hotel', 'timeout', 'no hotel', 'no flight'] : ['flight', 'hotel']

export interface Agency extends AsyncDisposable {
  /** Asks for another trip. */
  want(): Promise<void>
  /** How many of those that were asked for have not come to their end. */
  left(): Promise<number>
  /** Whether all have, and nothing waits any more. */
  ended(): Promise<boolean>
  /** How many came to an end, and how many of these did not do just what they should, once and in order. */
  count(): Promise<{ readonly trips: number; readonly wrong: number }>
}

/** `works`: it books trips; otherwise it only asks for them. The table has no constraint that would hide a second effect. */
export async function openAgency(url: string, booking: Booking, works: boolean): Promise<Agency> {
  const database = await openDatabase(url)
  await database.migrate('agency', [
    {
      name: '0001-agency',
      up: `CREATE TABLE trips (n INTEGER PRIMARY KEY, stage INTEGER NOT NULL);
           CREATE TABLE effects (position ${counter[database.dialect]}, n INTEGER NOT NULL, what VARCHAR(50) NOT NULL)`,
    },
  ])
  const work = booking === 'saga' ? await sagaWork(database, works) : naiveWork(database, works)
  const [row] = await database.query<{ last: number | null }>('SELECT MAX(n) AS last FROM trips')
  let next = (row?.last ?? 0) + 1
  const left = async () => {
    const [row] = await database.query<{ n: number }>('SELECT COUNT(*) AS n FROM trips WHERE stage < 5')
    return row!.n
  }
  return {
    want: () =>
      database.run(async () => {
        await database.execute('INSERT INTO trips (n, stage) VALUES (?, 0)', [next])
        await work.want(next++)
      }),
    left,
    ended: async () => (await left()) === 0 && (await work.idle()),
    async count() {
      const trips = await database.query<{ n: number }>('SELECT n FROM trips')
      const rows = await database.query<{ n: number; what: string }>(
        'SELECT n, what FROM effects ORDER BY position',
      )
      const done = Map.groupBy(rows, ({ n }) => n)
      const wrong = trips.filter(
        ({ n }) => (done.get(n) ?? []).map(({ what }) => what).join() !== expected(n).join(),
      )
      return { trips: trips.length, wrong: wrong.length }
    },
    async [Symbol.asyncDispose]() {
      await work.stop()
      await database.close()
    },
  }
}

interface Work {
  want(n: number): Promise<void>
  idle(): Promise<boolean>
  stop(): Promise<void>
}

function effect(database: Database, n: number, what: string): Promise<number> {
  return database.execute('INSERT INTO effects (n, what) VALUES (?, ?)', [n, what])
}

async function sagaWork(database: Database, works: boolean): Promise<Work> {
  const lease = '300ms'
  const messaging = createMessaging({
    ...{ database, source: 'agency', messages: [Wanted, Booked], lease },
    broker: databaseBroker({ database, lease }),
  })
  const over = (n: number) => database.execute('UPDATE trips SET stage = 5 WHERE n = ?', [n])
  if (works) {
    messaging.sagas
      .run(Trip, {
        timeouts: {
          async payment(saga) {
            await effect(database, saga.state.n, 'timeout')
            saga.fail('never paid')
          },
        },
        undo: {
          async hotel({ state }) {
            await effect(database, state.n, 'no hotel')
          },
          async flight({ state }) {
            await effect(database, state.n, 'no flight')
            await over(state.n)
          },
        },
      })
      .startedBy(Wanted, { key, state: ({ n }) => ({ n }) }, async (saga, { data }) => {
        await effect(database, data.n, 'flight')
        saga.done('flight')
        await messaging.publish(Booked, data, { key: saga.key })
      })
      .on(Booked, { key }, async (saga, { data }) => {
        await effect(database, data.n, 'hotel')
        saga.done('hotel')
        if (unpaid(data.n)) saga.timeout('payment', '20ms')
        else {
          saga.complete()
          await over(data.n)
        }
      })
  }
  await messaging.start()
  return {
    want: n => messaging.publish(Wanted, { n }, { key: String(n) }),
    async idle() {
      const { delayed, backlog } = await messaging.status()
      return delayed + backlog === 0
    },
    async stop() {
      await messaging[Symbol.asyncDispose]()
    },
  }
}

/** Does what is next of a few trips, then writes down how far they are: a crash in between does it again. */
function naiveWork(database: Database, works: boolean): Work {
  let stopped = false
  const turn = async () => {
    const rows = await database.query<{ n: number; stage: number }>(
      'SELECT n, stage FROM trips WHERE stage < 5 ORDER BY n LIMIT 20',
    )
    for (const { n, stage } of rows) {
      const what = expected(n)[stage]
      if (what) await effect(database, n, what)
    }
    for (const { n, stage } of rows) {
      const next = stage + 1 < expected(n).length ? stage + 1 : 5
      await database.execute('UPDATE trips SET stage = ? WHERE n = ?', [next, n])
    }
    if (rows.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  }
  const working = (async () => {
    while (works && !stopped) await turn()
  })()
  return {
    want: async () => {},
    idle: async () => true,
    async stop() {
      stopped = true
      await working
    },
  }
}
