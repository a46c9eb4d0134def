import type { Redis } from 'ioredis'
import { type RedisAddress, redisConnection, redisScript } from '../../../redis/index.ts'
import { claim, publish, read } from './scripts.ts'

/** A stream's entry: its id, and its fields and values in turn. */
export type Entry = readonly [id: string, fields: string[] | null]

/** A connection with our scripts as functions. */
export interface StreamsClient {
  readonly redis: Redis
  /** See `scripts.ts` for what each takes. */
  readonly publish: Script<number>
  readonly read: Script<readonly (readonly [stream: string, entries: readonly Entry[]])[] | null>
  readonly claim: Script<readonly [next: string, entries: readonly Entry[]] | null>
}

type Script<Answer> = (keys: readonly string[], values: readonly (string | number)[]) => Promise<Answer>

/** Connected; it connects again by itself when that is lost. Rejects with the reason where nobody answers. */
export async function connected(address: RedisAddress): Promise<Redis> {
  const { client } = await redisConnection(address)
  let reason: unknown
  const note = (error: unknown) => {
    reason = error
  }
  client.on('error', note)
  try {
    await client.connect()
    return client
  } catch (error) {
    client.disconnect()
    // Its rejection says no more than that it is closed.
    throw reason ?? error
  } finally {
    client.off('error', note)
  }
}

export function streamsClient(redis: Redis): StreamsClient {
  return {
    redis,
    publish: redisScript(redis, 'portolanPublish', publish),
    read: redisScript(redis, 'portolanRead', read),
    claim: redisScript(redis, 'portolanClaim', claim),
  }
}
