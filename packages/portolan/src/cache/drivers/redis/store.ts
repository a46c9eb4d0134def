import type { Redis } from 'ioredis'
import type { Clock } from '../../../ports/time.ts'
import { inBatches, redisKey, type SwiftConnection } from '../../../redis/index.ts'
import type { CacheStore, StoreRead, StoreWrite, Tick } from '../../driver.ts'
import { cacheScripts } from './scripts.ts'
import { ServerTime } from './server-time.ts'

/** `P`, two numbers of 16 digits at present, and their spaces. */
const headLength = 48
/** Larger entries are sent alone, so that no command is very large. */
const mostInBatch = 16_384

/** Entries in one Redis server, of version 7 or later. To read some, one or many at once, is one `MGET`; to write some, one script. */
export function redisStore(
  connection: SwiftConnection,
  prefix: string,
  clock: Clock,
): CacheStore & { readonly native: Redis } {
  const { client, failure, send } = connection
  const scripts = cacheScripts(connection)
  const time = new ServerTime(clock)
  const state = `${prefix}:cache-state`
  const marks = `${prefix}:cache-marks`
  const keyOf = (key: string) => `${prefix}:cache${redisKey(key)}`

  async function askTime(): Promise<void> {
    const sentAt = clock.monotonic()
    const [seconds, micros] = (await send(client.time())) as unknown as [number, number]
    time.learn(Number(seconds) * 1_000_000 + Number(micros), sentAt)
  }

  /** Runs a script, which answers with the time besides. */
  async function timed<Answer extends readonly [unknown, string]>(
    run: () => Promise<Answer>,
  ): Promise<Answer[0]> {
    const sentAt = clock.monotonic()
    const [answer, now] = await run()
    time.learn(Number(now), sentAt)
    return answer
  }

  /** With the state of the store behind them. */
  const readAll = (names: readonly string[]) =>
    send(client.mgetBuffer(...names, state)).then(held => ({ markedAt: Number(held.pop() ?? 0), held }))
  const read = inBatches<undefined, Held, StoreRead>(readAll, ({ held, markedAt }, at) =>
    readOf(held[at]!, markedAt, time),
  )

  const writeAll = (names: readonly string[], entries: readonly StoreWrite[]) =>
    timed(() => scripts.write([state, marks, ...names], entries.flatMap(argumentsOf)))
  const write = inBatches(writeAll, (taken, at) => taken[at] === 1)

  /** What is out of room must not go on giving what was changed: a deletion needs none. */
  async function orDelete<T>(key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (failure(error, '').code === 'resource_exhausted') await send(client.unlink(key))
      throw error
    }
  }

  return {
    name: 'redis',
    capabilities: { shared: true },
    native: client,
    async open() {
      await connection.open()
      await askTime()
    },
    read(key) {
      const name = keyOf(key)
      return time.old ? askTime().then(() => read(name, undefined)) : read(name, undefined)
    },
    write(key, entry) {
      const name = keyOf(key)
      return orDelete(name, () =>
        entry.bytes.byteLength > mostInBatch
          ? writeAll([name], [entry]).then(([taken]) => taken === 1)
          : write(name, entry),
      )
    },
    async remove(key, rememberMs) {
      const name = keyOf(key)
      write.flush()
      try {
        await orDelete(name, () => timed(() => scripts.remove([state, marks, name], [rememberMs])))
      } catch (error) {
        // It was deleted without being remembered.
        if (failure(error, '').code !== 'resource_exhausted') throw error
      }
    },
    async mark(tags) {
      write.flush()
      // Without its state, all that it holds counts as deleted.
      await orDelete(state, () => timed(() => scripts.mark([state, marks], tags)))
    },
    async marks(since) {
      const answer = await timed(() => scripts.marks([state, marks], [String(since)]))
      return Array.from({ length: answer.length / 2 }, (_, at) => [
        answer[2 * at]!,
        Number(answer[2 * at + 1]),
      ])
    },
    classify: error => failure(error, 'The cache'),
    health: connection.health,
    async close() {
      client.disconnect()
    },
  }
}

/** As the script takes them. */
function argumentsOf({ bytes, lifeMs, birth, tags }: StoreWrite): (string | number | Buffer)[] {
  // Also what is over already takes the place of what was there.
  const life = lifeMs === Infinity ? '' : Math.max(1, Math.ceil(lifeMs))
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // A change always wins, whatever its tags.
  return birth === undefined ? ['', life, entry, 0] : [String(birth), life, entry, tags.length, ...tags]
}

interface Held {
  readonly held: readonly (Buffer | null)[]
  readonly markedAt: Tick
}

/** Nothing, of what is none of ours. */
function readOf(bytes: Buffer | null, markedAt: Tick, time: ServerTime): StoreRead {
  if (!bytes) return { entry: undefined, deletedAt: 0, markedAt }
  // All that stands before the entry.
  const head = bytes.toString('latin1', 0, headLength)
  if (head[0] === 'D') return { entry: undefined, deletedAt: Number(head.slice(1)) || 0, markedAt }
  const first = head.indexOf(' ')
  const second = head.indexOf(' ', first + 1)
  const [tick, at] = [Number(head.slice(1, first)), Number(head.slice(first + 1, second))]
  // What is not even ours begins with something else; the portable part says so.
  const ours = head[0] === 'P' && second > 0 && tick > 0 && at > 0
  const entry = ours
    ? { tick, ageMs: time.since(at), bytes: bytes.subarray(second + 1) }
    : { tick: 0, ageMs: 0, bytes }
  return { entry, deletedAt: 0, markedAt }
}
