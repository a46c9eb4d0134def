import { createCache, databaseBus, openCache, redisStore } from 'portolan/cache'
import { openDatabase } from 'portolan/persistence'
import { engineUrl, freshDatabase } from 'portolan-engines'
import type { Contender, Trial } from '../suite.ts'

const changes = 50
const prefix = `bench-told-${process.pid}`

/** Two caches that share a store: what one has changed, the other one has in its memory. */
interface Pair extends AsyncDisposable {
  set(key: string, value: number): Promise<unknown>
  get(key: string): Promise<unknown>
}

type Case = 'a change is seen by another process'

/** How long it takes until the other one gives the new value: the median. */
async function latency({ set, get }: Pair): Promise<number> {
  const taken: number[] = []
  await set('told', -1)
  for (let change = 0; change < changes; change++) {
    while ((await get('told')) !== change - 1) await turn()
    const start = performance.now()
    await set('told', change)
    while ((await get('told')) !== change) await turn()
    taken.push(performance.now() - start)
  }
  return taken.toSorted((a, b) => a - b)[changes / 2]!
}

const turn = () => new Promise(resolve => setImmediate(resolve))

const contender = (name: string, open: () => Promise<Pair>): Contender<Case> => ({
  name,
  async open() {
    const pair = await open()
    return {
      round: async () => ({ 'a change is seen by another process': await latency(pair) }),
      [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
    }
  },
})

async function overRedis(): Promise<Pair> {
  const url = `${await engineUrl('redis')}?prefix=${prefix}`
  const [one, other] = [await openCache(url), await openCache(url)]
  await Promise.all([one.start(), other.start()])
  return {
    set: (key, value) => one.set(key, value),
    get: key => other.get(key),
    async [Symbol.asyncDispose]() {
      await one.clear()
      await Promise.all([one.stop(), other.stop()])
    },
  }
}

async function overPostgres(): Promise<Pair> {
  const url = `${await engineUrl('redis')}?prefix=${prefix}-pg`
  const fresh = await freshDatabase('postgres', { label: 'bench' })
  const databases = [await openDatabase(fresh.url), await openDatabase(fresh.url)] as const
  const open = async (database: (typeof databases)[0]) =>
    createCache({ store: await redisStore(url), bus: databaseBus({ database }) })
  const [one, other] = [await open(databases[0]), await open(databases[1])]
  await one.start()
  await other.start()
  return {
    set: (key, value) => one.set(key, value),
    get: key => other.get(key),
    async [Symbol.asyncDispose]() {
      await one.clear()
      await Promise.all([one.stop(), other.stop()])
      for (const database of databases) await database.close()
      await fresh[Symbol.asyncDispose]()
    },
  }
}

async function ofBentocache(): Promise<Pair> {
  const { BentoCache, bentostore } = await import('bentocache')
  const { memoryDriver } = await import('bentocache/drivers/memory')
  const { redisBusDriver, redisDriver } = await import('bentocache/drivers/redis')
  const { hostname: host, port } = new URL(await engineUrl('redis'))
  const connection = { host, port: Number(port) }
  const open = () =>
    new BentoCache({
      default: 'own',
      stores: {
        own: bentostore()
          .useL1Layer(memoryDriver())
          .useL2Layer(redisDriver({ connection, prefix: `${prefix}-bento` }))
          .useBus(redisBusDriver({ connection })),
      },
    })
  const [one, other] = [open(), open()]
  return {
    set: (key, value) => one.set({ key, value }),
    get: key => other.get({ key }),
    async [Symbol.asyncDispose]() {
      await one.clear()
      await Promise.all([one.disconnectAll(), other.disconnectAll()])
    },
  }
}

export const tellingTrial: Trial<Case> = {
  name: 'telling',
  cases: { 'a change is seen by another process': { unit: 'ms', better: 'lower' } },
  contenders: [
    contender('portolan', overRedis),
    contender('portolan/bus of PostgreSQL', overPostgres),
    contender('bentocache', ofBentocache),
  ],
}
