import type { Redis } from 'ioredis'
import type { InfrastructureError } from '../ports/errors.ts'
import { loadClient } from '../runtime/clients.ts'
import type { RedisAddress } from './address.ts'
import { isAnswer, redisError } from './errors.ts'

const longestPauseMs = 2_000

export interface RedisConnection {
  readonly client: Redis
  /** The library's error for one of the client; `what` begins its message, as in `The locks`. */
  failure(error: unknown, what: string): InfrastructureError
}

/**
 * A connection that is not open yet. Once its client was told to connect, it does so again by itself whenever that is lost; meanwhile every
 * command is refused at once. A command is sent once at most: one whose answer was lost is never repeated by the client.
 */
export async function redisConnection(address: RedisAddress): Promise<RedisConnection> {
  const { Redis } = await loadClient('ioredis', () => import('ioredis'))
  const { host, port, user, password, database, encrypted, connectTimeoutMs, commandTimeoutMs } = address
  const client = new Redis({
    ...{ host, port, username: user, password, db: database },
    ...(encrypted && { tls: { servername: host } }),
    ...{ lazyConnect: true, enableOfflineQueue: false, connectTimeout: connectTimeoutMs },
    ...{ maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
    // A network that swallows everything leaves the connection open, so that it must be given up with the command.
    ...{ commandTimeout: commandTimeoutMs, socketTimeout: commandTimeoutMs },
    retryStrategy: attempts => Math.min(longestPauseMs, 25 * 2 ** Math.min(attempts, 10)),
  })
  // Why it cannot connect; what it refuses meanwhile does not tell. Without a listener it would print.
  let refusal: unknown
  client.on('error', error => {
    if (isAnswer(error)) refusal = error
  })
  client.on('ready', () => {
    refusal = undefined
  })
  return {
    client,
    failure: (error, what) => redisError(isAnswer(error) ? error : (refusal ?? error), what),
  }
}

/**
 * A Lua script as a function. It is sent by its hash, and whole where the server does not know it: also after one that was restarted
 * empty. `keys` first, then `values`.
 */
export function redisScript<Answer>(
  client: Redis,
  name: string,
  lua: string,
): (keys: readonly string[], values: readonly (string | number | Buffer)[]) => Promise<Answer> {
  client.defineCommand(name, { lua })
  const command = (
    client as unknown as Record<string, (...values: (string | number | Buffer)[]) => Promise<Answer>>
  )[name]!
  return (keys, values) => command.call(client, keys.length, ...keys, ...values)
}

/** Text of any characters as a part of a key, no two alike: Redis takes bytes, and half a character has none of its own. */
export function redisKey(text: string): string {
  return text.isWellFormed() ? `:${text}` : `;${JSON.stringify(text)}`
}
