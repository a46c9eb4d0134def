import type { Redis } from 'ioredis'
import type { Clock } from '../../../ports/time.ts'
import { inBatches, type RedisConnection, redisKey } from '../../../redis/index.ts'
import type { CacheStore, StoreRead, StoreWrite } from '../../driver.ts'
import { Reads } from './reads.ts'
import { cacheScripts } from './scripts.ts'
import { ServerTime } from './server-time.ts'

const space = 0x20
/** Larger entries are sent alone, so that no command is very large. */
const mostInBatch = 16_384

/** Entries in one Redis server, of version 7 or later. To read some, one or many at once, is one `MGET`; to write some, one script. */
export function redisStore(
  { client, failure }: RedisConnection,
  prefix: string,
  clock: Clock,
): CacheStore & { readonly native: Redis } {
  const scripts = cacheScripts(client)
  const time = new ServerTime(clock)
  const state = `${prefix}:cache-state`
  const marks = `${prefix}:cache-marks`
  const keyOf = (key: string) => `${prefix}:cache${redisKey(key)}`
  const reads = new Reads(client, state)

  async function askTime(): Promise<void> {
    const sentAt = clock.monotonic()
    const [seconds, micros] = (await client.time()) as unknown as [number, number]
    time.learn(Number(seconds) * 1_000_000 + Number(micros), sentAt)
  }

  /** Runs a script, which answers with the time besides. */
  async function timed<Answer extends readonly [unknown, string]>(
    run: () => Promise<Answer>,
  ): Promise<Answer[0]> {
    const sentAt = clock.monotonic()
    gather(client)
    const [answer, now] = await run()
    time.learn(Number(now), sentAt)
    return answer
  }

  const writeAll = (names: readonly string[], entries: readonly StoreWrite[]) =>
    timed(() => scripts.write([state, marks, ...names], entries.flatMap(argumentsOf)))
  const write = inBatches(writeAll, taken => taken === 1)

  /** What is out of room must not go on giving what was changed: a deletion needs none. */
  async function orDelete<T>(key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (failure(error, '').code === 'resource_exhausted') await client.unlink(key)
      throw error
    }
  }

  return {
    name: 'redis',
    capabilities: { shared: true },
    native: client,
    async open() {
      if (client.status === 'wait') await client.connect()
      await askTime()
    },
    async read(key): Promise<StoreRead> {
      if (time.old) await askTime()
      const { held, state: markedAt } = await reads.read(keyOf(key))
      return { ...entryOf(held, time), markedAt: markedAt ? Number(markedAt) : 0 }
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
    async health() {
      return client.status === 'ready'
        ? { status: 'up' }
        : { status: 'down', detail: 'Redis: Not connected.' }
    },
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

/** What is sent in one go goes out in one packet: a call of the system for each costs more than the command. */
function gather({ stream }: Redis): void {
  if (!stream || stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

/** Nothing, of what is none of ours. */
function entryOf(held: Buffer | null, time: ServerTime): Pick<StoreRead, 'entry' | 'deletedAt'> {
  const nothing = { entry: undefined, deletedAt: 0 }
  if (!held) return nothing
  const kind = held.toString('latin1', 0, 1)
  if (kind === 'D') return { entry: undefined, deletedAt: Number(held.toString('latin1', 1)) || 0 }
  const first = held.indexOf(space)
  const second = held.indexOf(space, first + 1)
  const [tick, at] = [
    Number(held.toString('latin1', 1, first)),
    Number(held.toString('latin1', first + 1, second)),
  ]
  // What is not even ours begins with something else; the portable part says so.
  if (kind !== 'P' || second < 0 || !(tick > 0) || !(at > 0))
    return { entry: { tick: 0, ageMs: 0, bytes: held }, deletedAt: 0 }
  return { entry: { tick, ageMs: time.since(at), bytes: held.subarray(second + 1) }, deletedAt: 0 }
}
