import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createJobs, defineJob, exponential, type JobService } from 'portolan/jobs'
import { type Database, openDatabase } from 'portolan/persistence'
import { z } from 'zod'
import { counter } from '../../messaging/engines.ts'

/** How orders are seen to: as jobs, or by what is often written instead. */
export type Way = 'portolan' | 'naive'
export type Role = 'producer' | 'worker'

/** Every kill uses up one attempt of all that is in hand. */
const attempts = 10_000
const backoff = exponential({ from: 1, to: 20 })
/** More than that need not wait. */
const mostWaiting = 400
const batch = 20

const Bill = defineJob('bill', {
  schema: z.object({ id: z.string(), fails: z.boolean() }),
  ...{ attempts, backoff, limits: { groupConcurrency: 2 } },
})
/** Says that it is done by returning: it may be done again, but must not be lost. */
const Notify = defineJob('notify', { schema: z.object({ id: z.string() }), attempts, backoff })
/** What comes of it; enqueued by its handler outside of a unit of work, so that the same process may begin it at once. */
const Deliver = defineJob('deliver', { schema: z.object({ id: z.string() }), attempts, backoff })
const Tick = defineJob('tick', { schema: z.object({ scheduledFor: z.string() }), attempts, backoff })

export interface Shop extends AsyncDisposable {
  readonly database: Database
  /** Places one order and enqueues what is to be done about it; now and then, both are rolled back. */
  place(): Promise<void>
  /** Resolves at once, or when so much is done that there is room for more. */
  room(): Promise<void>
  /** Nothing waits any more. */
  settled(): Promise<boolean>
}

/** Orders that are placed, and an effect of each. No table has a constraint that would hide a second effect. */
export async function openShop(url: string, way: Way, role: Role): Promise<Shop> {
  const database = await openDatabase(url)
  const column = counter[database.dialect]
  await database.migrate('shop', [
    {
      name: '0001-shop',
      up: `CREATE TABLE orders (id VARCHAR(40) PRIMARY KEY);
           CREATE TABLE attempts (position ${column}, id VARCHAR(40) NOT NULL, attempt INTEGER NOT NULL);
           CREATE TABLE effects (position ${column}, id VARCHAR(40) NOT NULL, kind VARCHAR(10) NOT NULL, attempt INTEGER NOT NULL);
           CREATE TABLE naive_jobs (position ${column}, id VARCHAR(40) NOT NULL, state VARCHAR(10) NOT NULL);
           CREATE INDEX attempts_of ON attempts (id);
           CREATE INDEX effects_of ON effects (id);`,
    },
  ])
  return way === 'naive' ? naiveShop(database, role) : portolanShop(database, role)
}

async function effect(database: Database, kind: string, id: string, attempt: number): Promise<void> {
  await database.execute('INSERT INTO effects (id, kind, attempt) VALUES (?, ?, ?)', [id, kind, attempt])
}

async function portolanShop(database: Database, role: Role): Promise<Shop> {
  const jobs = createJobs({ database, lease: '300ms', poll: '100ms' })
  if (role === 'worker') declareWork(jobs, database)
  await jobs.start()
  let placed = 0
  return {
    database,
    async place() {
      const id = randomUUID()
      const turn = placed++
      const unit = database.run(async () => {
        await database.execute('INSERT INTO orders (id) VALUES (?)', [id])
        await jobs.enqueue(
          Bill,
          { id, fails: turn % 7 === 0 },
          {
            ...(turn % 3 === 0 && { group: `customer ${turn % 4}` }),
            ...(turn % 5 === 0 && { delay: '50ms' }),
            ...(turn % 11 === 0 && { priority: 'high' }),
          },
        )
        await jobs.enqueue(Notify, { id }, { unique: id })
        if (turn % 13 === 12) throw new ChangedMind()
      })
      await unit.catch((error: unknown) => {
        if (!(error instanceof ChangedMind)) throw error
      })
    },
    async room() {
      while ((await jobs.list({ state: 'waiting', limit: mostWaiting })).length === mostWaiting)
        await sleep(20)
    },
    async settled() {
      const { waiting, running, scheduled, retrying, parked } = await jobs.status()
      return waiting + running + scheduled + retrying + parked === 0
    },
    async [Symbol.asyncDispose]() {
      await jobs.stop()
      await database.close()
    },
  }
}

class ChangedMind extends Error {}

function declareWork(jobs: JobService, database: Database): void {
  jobs.work(Bill, { concurrency: 8 }, async ({ id, fails }, { attempt, complete }) => {
    await database.execute('INSERT INTO attempts (id, attempt) VALUES (?, ?)', [id, attempt])
    if (fails && attempt === 1) throw new Error('fails the first time')
    await database.run(async () => {
      await effect(database, 'bill', id, attempt)
      await complete()
    })
  })
  jobs.work(Notify, { concurrency: 8 }, async ({ id }) => {
    await jobs.enqueue(Deliver, { id })
  })
  jobs.work(Deliver, { concurrency: 8 }, ({ id }, { attempt }) => effect(database, 'notify', id, attempt))
  jobs.work(Tick, {}, ({ scheduledFor }, { attempt, complete }) =>
    database.run(async () => {
      await effect(database, 'tick', scheduledFor, attempt)
      await complete()
    }),
  )
  jobs.schedule('tick', { cron: '* * * * * *', missed: 'all' }, Tick)
}

/**
 * Enqueues after the commit; takes a batch with a SELECT and marks it with an UPDATE; has the effects, then deletes the jobs. Without a
 * lease, nobody frees what a worker had marked.
 */
function naiveShop(database: Database, role: Role): Shop {
  let stopped = false
  const turn = async () => {
    const rows = await database.query<{ position: number; id: string }>(
      "SELECT position, id FROM naive_jobs WHERE state = 'waiting' ORDER BY position LIMIT ?",
      [batch],
    )
    if (rows.length === 0) return sleep(5)
    const list = rows.map(({ position }) => position).join()
    await database.execute(`UPDATE naive_jobs SET state = 'running' WHERE position IN (${list})`)
    for (const { id } of rows) {
      await effect(database, 'bill', id, 1)
      await effect(database, 'notify', id, 1)
    }
    await database.execute(`DELETE FROM naive_jobs WHERE position IN (${list})`)
  }
  const working = (async () => {
    while (role === 'worker' && !stopped) await turn().catch(() => sleep(20))
  })()
  return {
    database,
    async place() {
      const id = randomUUID()
      await database.execute('INSERT INTO orders (id) VALUES (?)', [id])
      await database.execute("INSERT INTO naive_jobs (id, state) VALUES (?, 'waiting')", [id])
    },
    async room() {},
    async settled() {
      const rows = await database.query("SELECT 1 FROM naive_jobs WHERE state = 'waiting' LIMIT 1")
      return rows.length === 0
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      await working
      await database.close()
    },
  }
}

/** What became of the orders. */
export async function countOf(database: Database) {
  const one = async (sql: string) => (await database.query<{ n: number }>(sql))[0]!.n
  const doubled = (kinds: string) =>
    one(`SELECT COUNT(*) AS n FROM (
           SELECT id, kind FROM effects WHERE kind IN (${kinds}) GROUP BY id, kind HAVING COUNT(*) > 1) AS twice`)
  const without = (kind: string) =>
    one(`SELECT COUNT(*) AS n FROM orders WHERE NOT EXISTS (
           SELECT 1 FROM effects WHERE effects.id = orders.id AND effects.kind = '${kind}')`)
  const ticks = await database.query<{ id: string }>("SELECT DISTINCT id FROM effects WHERE kind = 'tick'")
  return {
    committed: await one('SELECT COUNT(*) AS n FROM orders'),
    effects: await one('SELECT COUNT(*) AS n FROM effects'),
    missing: (await without('bill')) + (await without('notify')),
    doubled: await doubled("'bill', 'tick'"),
    /** Allowed: of jobs that do not complete themselves. */
    repeated: await doubled("'notify'"),
    /** By an attempt that another one had followed by then. */
    overtaken: await one(`SELECT COUNT(*) AS n FROM effects WHERE kind = 'bill' AND EXISTS (
      SELECT 1 FROM attempts WHERE attempts.id = effects.id AND attempts.attempt > effects.attempt)`),
    /** Of orders that were rolled back. */
    phantoms: await one(`SELECT COUNT(*) AS n FROM effects WHERE kind <> 'tick' AND NOT EXISTS (
      SELECT 1 FROM orders WHERE orders.id = effects.id)`),
    ticks: ticks.length,
    missingTicks: gapsIn(ticks.map(({ id }) => Date.parse(id))),
  }
}

/** How many seconds are left out. */
function gapsIn(times: readonly number[]): number {
  if (times.length === 0) return 0
  const sorted = times.toSorted((a, b) => a - b)
  return (sorted.at(-1)! - sorted[0]!) / 1_000 + 1 - times.length
}
