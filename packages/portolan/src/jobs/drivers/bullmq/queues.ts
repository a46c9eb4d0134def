import type { createRedisBackend, RedisQueueBackend } from 'bullmq'
import type { Redis } from 'ioredis'
import { InfrastructureError } from '../../../ports/errors.ts'
import { type RedisAddress, type RedisConnection, redisConnection } from '../../../redis/index.ts'
import { Opening } from '../../../runtime/opening.ts'
import { queueOf } from './names.ts'

/** What is used of the package `bullmq`. */
export interface BullmqLibrary {
  readonly createRedisBackend: typeof createRedisBackend
}

/** A BullMQ queue as its classes see it. It talks over the one connection of all queues. */
export type Queue = RedisQueueBackend

export interface QueueTerms {
  /** The life of the lock of each job. */
  readonly leaseMs: number
  /** The least time between two looks for jobs whose locks are gone, over all processes. */
  readonly rescueEveryMs: number
}

/** BullMQ never gives a job up by itself: how often it may be lost is for the attempts of its type to say. */
const neverGivesUp = Number.MAX_SAFE_INTEGER

/** The keys beside those of BullMQ. */
function ownKeys(prefix: string) {
  return {
    types: `${prefix}:jobs-types`,
    lastId: `${prefix}:jobs-last-id`,
    cancelled: `${prefix}:jobs-cancelled`,
    schedules: `${prefix}:jobs-schedules`,
    schedule: `${prefix}:jobs-schedule`,
    news: `${prefix}:jobs-news`,
  }
}

/** The queues of one application in one Redis server: one a type of job. */
export class Queues {
  readonly prefix: string
  readonly keys: ReturnType<typeof ownKeys>
  readonly leaseMs: number
  readonly #library: BullmqLibrary
  readonly #address: RedisAddress
  readonly #rescueEveryMs: number
  readonly #opening = new Opening(() => this.#open())
  readonly #queues = new Map<string, Queue>()
  #connection: RedisConnection | undefined
  #root: Queue | undefined
  #closed = false
  /** How jobs may be lost, once it is open; `undefined`: in no way that the server tells of. */
  risk: string | undefined

  constructor(library: BullmqLibrary, address: RedisAddress, { leaseMs, rescueEveryMs }: QueueTerms) {
    this.#library = library
    this.#address = address
    this.#rescueEveryMs = rescueEveryMs
    this.leaseMs = leaseMs
    this.prefix = `${address.prefix}:jobs`
    this.keys = ownKeys(address.prefix)
  }

  /** @throws InfrastructureError `precondition_failed` for a server that may throw jobs away. */
  async open(): Promise<void> {
    if (this.#closed) throw new InfrastructureError('unavailable', 'The jobs are stopped.')
    await this.#opening.opened()
  }

  /** Once it is open. */
  get client(): Redis {
    return this.#connection!.client
  }

  /** The queue of `type`, once it is open. */
  of(type: string): Queue {
    let queue = this.#queues.get(type)
    if (!queue) {
      queue = this.#root!.forQueue(queueOf(type)) as Queue
      this.#queues.set(type, queue)
    }
    return queue
  }

  /** All types that any process has ever enqueued or paused, by name. */
  async types(): Promise<string[]> {
    return (await this.client.smembers(this.keys.types)).toSorted()
  }

  /** BullMQ over another connection than that of all. */
  over(client: Redis): Queue {
    const terms = {
      connection: client,
      prefix: this.prefix,
      // It would print what it thinks of the server.
      skipVersionCheck: true,
      lockDuration: this.leaseMs,
      stalledInterval: this.#rescueEveryMs,
      maxStalledCount: neverGivesUp,
    }
    const queue = this.#library.createRedisBackend('all', terms)
    // What it tells of the connection is told by the commands that fail.
    queue.on('error', () => {})
    return queue
  }

  failure(error: unknown): InfrastructureError {
    if (isRefusal(error))
      return new InfrastructureError('internal', 'The jobs failed in BullMQ.', { cause: error })
    if (this.#connection) return this.#connection.failure(error, 'The jobs')
    return new InfrastructureError('unavailable', 'The jobs cannot be reached: Redis does not answer.', {
      ...{ cause: error, retry: 'later' },
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#root?.close()
    this.#connection?.client.disconnect()
  }

  async #open(): Promise<void> {
    this.#connection ??= await redisConnection(this.#address)
    const { client } = this.#connection
    if (client.status === 'wait') await client.connect()
    const info = await client.info()
    checkEviction(info)
    if (factOf(info, 'aof_enabled') === '0')
      this.risk =
        'Redis keeps no append-only file: when it fails, jobs since its last snapshot are lost. Set appendonly to yes.'
    const root = this.over(client)
    await root.waitUntilReady()
    this.#root = root
    this.#queues.clear()
  }
}

/** What BullMQ answers when a job is not where, or whose, it was taken to be. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code < 0
}

/** What the server tells of itself under this name. */
function factOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
}

function checkEviction(info: string): void {
  const policy = factOf(info, 'maxmemory_policy')
  if (policy === undefined || policy === 'noeviction' || factOf(info, 'maxmemory') === '0') return
  throw new InfrastructureError(
    'precondition_failed',
    `This Redis throws keys away when its memory is full (maxmemory-policy ${policy}), and jobs with them. Set maxmemory-policy ` +
      'noeviction, or keep the jobs in a Redis of their own.',
  )
}
