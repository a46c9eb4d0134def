import { Redis } from 'ioredis'
import {
  RateLimiterMemory,
  RateLimiterMySQL,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  RateLimiterSQLite,
} from 'rate-limiter-flexible'
import type { EngineName, Place } from '../place.ts'
import { ampleLimit, scarceLimit, type Taker, windowSeconds } from './cases.ts'

/** As many connections as ours has. */
const connections = 10

interface Options {
  readonly points: number
  readonly duration: number
  readonly keyPrefix: string
}

type Consuming = Pick<RateLimiterMemory, 'consume'>
type Make = (options: Options) => Consuming | Promise<Consuming>

/** rate-limiter-flexible, with the memory of who is refused that its guide recommends for speed. */
export async function flexible(engine: EngineName, place: Place): Promise<Taker> {
  await using stack = new AsyncDisposableStack()
  const make = await stores[engine](place, stack)
  const limiter = async (name: string, points: number) => {
    const keyPrefix = engine === 'redis' ? `${place.prefix}-${name}` : `limits_${name}`
    const made = await make({ points, duration: windowSeconds, keyPrefix })
    return (key: string) => made.consume(key).then(isAllowed, isRefused)
  }
  const taker = { ample: await limiter('ample', ampleLimit), scarce: await limiter('scarce', scarceLimit) }
  const owned = stack.move()
  return { ...taker, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const isAllowed = () => true

/** What it rejects with says that it was refused, or is a failure. */
function isRefused(reason: unknown): boolean {
  if (reason instanceof RateLimiterRes) return false
  throw reason
}

const stores: Record<EngineName, (place: Place, stack: AsyncDisposableStack) => Promise<Make>> = {
  memory: async () => options => new RateLimiterMemory(options),

  async redis({ url }, stack) {
    const storeClient = stack.adopt(new Redis(url), redis => redis.disconnect())
    return options =>
      new RateLimiterRedis({ ...options, storeClient, inMemoryBlockOnConsumed: options.points })
  },

  async postgres({ url }, stack) {
    const { default: pg } = await import('pg')
    const storeClient = stack.adopt(new pg.Pool({ connectionString: url, max: connections }), pool =>
      pool.end(),
    )
    return options => created(RateLimiterPostgres, options, { storeClient })
  },

  async mysql({ url }, stack) {
    const { createPool } = await import('mysql2')
    const storeClient = stack.adopt(
      createPool({ uri: url, connectionLimit: connections }),
      pool => new Promise<void>(resolve => pool.end(() => resolve())),
    )
    return options =>
      created(RateLimiterMySQL, options, { storeClient, dbName: new URL(url).pathname.slice(1) })
  },

  async sqlite({ url }, stack) {
    const { default: BetterSqlite } = await import('better-sqlite3')
    const storeClient = stack.adopt(new BetterSqlite(url), database => void database.close())
    // A commit is as safe as with ours.
    storeClient.pragma('journal_mode = WAL')
    storeClient.pragma('synchronous = FULL')
    return options => created(RateLimiterSQLite, options, { storeClient, storeType: 'better-sqlite3' })
  },
}

type Created = typeof RateLimiterPostgres | typeof RateLimiterMySQL | typeof RateLimiterSQLite

interface Store {
  readonly storeClient: unknown
  readonly storeType?: string
  readonly dbName?: string
}

/** Once its table is there. */
function created(Limiter: Created, options: Options, store: Store): Promise<Consuming> {
  return new Promise((resolve, reject) => {
    const limiter: Consuming = new Limiter(
      { ...options, ...store, tableName: options.keyPrefix, inMemoryBlockOnConsumed: options.points },
      (error?: Error) => (error ? reject(error) : resolve(limiter)),
    )
  })
}
