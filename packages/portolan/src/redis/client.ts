import type { Redis } from 'ioredis'
import type { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'
import { loadClient } from '../runtime/clients.ts'
import { gatheredWrites } from '../runtime/gathered-writes.ts'
import type { RedisAddress } from './address.ts'
import { isAnswer, redisError } from './errors.ts'
import { Patience } from './patience.ts'

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
export function redisConnection(address: RedisAddress): Promise<RedisConnection> {
  const { commandTimeoutMs } = address
  // A network that swallows everything leaves the connection open, so that it must be given up with the command.
  return connectionWith(address, { commandTimeout: commandTimeoutMs, socketTimeout: commandTimeoutMs })
}

/** As `redisConnection`, for few and short commands that come often: all of them share one timer, and few system calls. */
export async function swiftConnection(address: RedisAddress): Promise<SwiftConnection> {
  const { client, failure } = await connectionWith(address, {})
  const patience = new Patience(client, address.commandTimeoutMs)
  // What is sent in one turn of the event loop leaves in two system calls: the first command at once, all others together.
  const gather = gatheredWrites(process.nextTick)

  function send<Answer>(command: Promise<Answer>): Promise<Answer> {
    gather(client.stream)
    return patience.with(command)
  }

  return {
    ...{ client, failure, send },
    async open() {
      if (client.status === 'wait') await client.connect()
    },
    async health() {
      return client.status === 'ready'
        ? { status: 'up' }
        : { status: 'down', detail: 'Redis: Not connected.' }
    },
    script<Answer>(name: string, lua: string) {
      const run = redisScript<Answer>(client, name, lua)
      return (keys, values) => send(run(keys, values))
    },
  }
}

async function connectionWith(
  address: RedisAddress,
  timeouts: { readonly commandTimeout?: number; readonly socketTimeout?: number },
): Promise<RedisConnection> {
  const { Redis } = await loadClient('ioredis', () => import('ioredis'))
  const { host, port, user, password, database, encrypted, connectTimeoutMs } = address
  const client = new Redis({
    ...{ host, port, username: user, password, db: database },
    ...(encrypted && { tls: { servername: host } }),
    ...{ lazyConnect: true, enableOfflineQueue: false, connectTimeout: connectTimeoutMs },
    ...{ maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
    ...timeouts,
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

/** A connection for a few short commands. */
export interface SwiftConnection extends RedisConnection {
  /** Connects, unless it was told to before. */
  open(): Promise<void>
  health(): Promise<Health>
  /** Gives up the connection with a command that is not answered in time. */
  send<Answer>(command: Promise<Answer>): Promise<Answer>
  script<Answer>(name: string, lua: string): RedisScript<Answer>
}

export type RedisScript<Answer> = (
  keys: readonly string[],
  values: readonly (string | number | Buffer)[],
) => Promise<Answer>

/**
 * A Lua script as a function. It is sent by its hash, and whole where the server does not know it: also after one that was restarted
 * empty. `keys` first, then `values`.
 */
export function redisScript<Answer>(client: Redis, name: string, lua: string): RedisScript<Answer> {
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
