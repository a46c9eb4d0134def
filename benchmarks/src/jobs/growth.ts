import { setTimeout as sleep } from 'node:timers/promises'
import { defineJob, type JobType } from 'portolan'
import { createJobs, type JobService } from 'portolan/jobs'
import { type Database, openDatabase } from 'portolan/persistence'
import { within } from '../messaging/arrivals.ts'
import { type EngineName as Engine, openPlace } from '../messaging/places.ts'
import type { Contender, Trial } from '../suite.ts'
import { concurrency, type Order, order } from './queue.ts'
import { orders } from './queues/portolan.ts'

/** What else there is when jobs are drained. */
interface Load {
  readonly queues?: number
  readonly keep?: '1d'
  /** The drained jobs are the first of those that it enqueues, not further ones. */
  readonly drainsItself?: true
  /** Once, before the first round. What it gives is disposed of after the last one. */
  prepare?(shop: Shop): Promise<AsyncDisposable | undefined>
}

interface Shop {
  readonly url: string
  readonly database: Database
  readonly jobs: JobService
  readonly type: JobType<Order>
}

const count = 5_000
const many = 1_000_000
const chunk = 10_000

const anywhere: Readonly<Record<string, Load>> = {
  '1 queue': {},
  '10 queues': { queues: 10 },
  '100 queues': { queues: 100 },
  '1,000,000 more wait': { drainsItself: true, prepare: shop => enqueue(shop, many) },
  '1,000,000 are scheduled': { prepare: shop => enqueue(shop, many, '1d') },
  '100,000 are done and kept': {
    keep: '1d',
    prepare: shop => enqueueAndDo(shop, 100_000),
  },
}

const loads: Readonly<Partial<Record<Engine, Readonly<Record<string, Load>>>>> = {
  postgres: {
    ...anywhere,
    'an old snapshot sees 50,000 that are done': {
      async prepare(shop) {
        const { Client } = (await import('pg')).default
        const client = new Client(shop.url)
        client.on('error', () => {})
        await client.connect()
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1')
        await enqueueAndDo(shop, 50_000)
        return { [Symbol.asyncDispose]: () => client.end() }
      },
    },
  },
  sqlite: anywhere,
}

/** How what else there is changes what it costs to do a job. */
export const growthTrials: readonly Trial[] = Object.entries(loads).map(([engine, loads]) => {
  const cases = Object.entries(loads).map(([name, load]) => [`${engine}: drain, ${name}`, load] as const)
  return {
    name: 'growth',
    apart: true,
    cases: Object.fromEntries(cases.map(([name]) => [name, { unit: 'jobs/s', better: 'higher' as const }])),
    contenders: [contender(engine as Engine, new Map(cases))],
  }
})

function contender(engine: Engine, loads: ReadonlyMap<string, Load>): Contender<string> {
  return {
    name: `portolan/${engine}`,
    async open() {
      const stack = new AsyncDisposableStack()
      const urls = new Map<string, string>()
      const placeOf = async (name: string) => {
        const known = urls.get(name)
        if (known !== undefined) return known
        const { url } = stack.use(await openPlace(engine))
        urls.set(name, url)
        stack.use(await prepared(url, loads.get(name)!))
        return url
      }
      return {
        async round(names) {
          const figures: Record<string, number> = {}
          for (const name of names) figures[name] = await drained(await placeOf(name), loads.get(name)!)
          return figures
        },
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      }
    },
  }
}

async function prepared(url: string, load: Load): Promise<AsyncDisposable | undefined> {
  await using database = await openDatabase(url)
  await using jobs = createJobs({ database })
  const [type] = typesOf(load)
  return (await load.prepare?.({ url, database, jobs, type: type! })) ?? undefined
}

async function enqueue({ jobs, type }: Shop, total: number, delay?: '1d'): Promise<undefined> {
  for (let from = 0; from < total; from += chunk) {
    const batch = Array.from({ length: chunk }, (_, i) => ({
      payload: order(from + i),
      ...(delay && { delay }),
    }))
    await jobs.enqueueMany(type, batch)
  }
}

async function enqueueAndDo(shop: Shop, total: number): Promise<undefined> {
  await enqueue(shop, total)
  await using worker = createJobs({ database: shop.database })
  worker.work(shop.type, { concurrency }, () => {})
  await worker.start()
  while ((await worker.list({ limit: 1 })).length > 0) await sleep(50)
}

/** Jobs a second, of those that are waiting for a worker that has begun long ago. */
async function drained(url: string, load: Load): Promise<number> {
  await using database = await openDatabase(url)
  await using jobs = createJobs({ database })
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const all = Promise.withResolvers<void>()
  let isOpen = false
  let done = 0
  const types = typesOf(load)
  for (const type of types) {
    jobs.work(type, { concurrency }, () => {
      begun.resolve()
      if (!isOpen) return gate.promise
      if (++done === count) all.resolve()
    })
  }
  await jobs.start()
  if (!load.drainsItself) await jobs.enqueueMany(types[0]!, [{ payload: order(0) }])
  await within(begun.promise, 'The first job')
  await sleep(500)
  if (!load.drainsItself) {
    const share = count / types.length
    for (const type of types)
      await jobs.enqueueMany(
        type,
        Array.from({ length: share + concurrency }, (_, n) => ({ payload: order(n) })),
      )
  }
  const openedAt = performance.now()
  isOpen = true
  gate.resolve()
  await within(all.promise, `${count} jobs`)
  const rate = count / ((performance.now() - openedAt) / 1_000)
  while (!load.drainsItself && (await jobs.status()).waiting > 0) await sleep(5)
  return rate
}

function typesOf({ queues = 1, keep }: Load): JobType<Order>[] {
  return Array.from({ length: queues }, (_, n) =>
    defineJob(`bill-${n}`, { schema: orders, ...(keep && { keep }) }),
  )
}
