import type { Redis } from 'ioredis'
import { type RedisAddress, redisConnection, redisKey, redisScript } from '../../redis/index.ts'
import { type Attempt, type LockDriver, rememberMs } from '../driver.ts'

/** Milliseconds and microseconds since the epoch, on the server's clock, which all processes share. */
const time = `
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  local micros = t[1] * 1000000 + t[2]`

/** KEYS: the lock. ARGV: holder, ttl, for how long to announce, for how long to remember. Answers the token, or 0 and when it runs out. */
const acquire = `${time}
  local lock = redis.call('HMGET', KEYS[1], 'token', 'holder', 'heldUntil', 'heir', 'heirUntil')
  local heldUntil, heirUntil = tonumber(lock[3] or 0), tonumber(lock[5] or 0)
  local open = lock[4] == false or lock[4] == ARGV[1] or heirUntil <= now
  local mine = lock[2] == ARGV[1] and heldUntil > now
  if mine or (heldUntil <= now and open) then
    local token = math.max(tonumber(lock[1] or 0) + 1, micros)
    -- As whole numbers: Lua would write a large one with an exponent.
    redis.call('HSET', KEYS[1], 'token', string.format('%.0f', token), 'holder', ARGV[1],
      'heldUntil', string.format('%.0f', now + ARGV[2]))
    redis.call('HDEL', KEYS[1], 'heir', 'heirUntil')
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[4]))
    return {string.format('%.0f', token)}
  end
  if tonumber(ARGV[3]) > 0 and open then
    redis.call('HSET', KEYS[1], 'heir', ARGV[1], 'heirUntil', string.format('%.0f', now + ARGV[3]))
  end
  return {'0', math.max(0, heldUntil - now)}`

/** KEYS: the lock. ARGV: holder, ttl, for how long to remember. */
const renew = `${time}
  local lock = redis.call('HMGET', KEYS[1], 'holder', 'heldUntil')
  if lock[1] ~= ARGV[1] or tonumber(lock[2]) <= now then return 0 end
  redis.call('HSET', KEYS[1], 'heldUntil', string.format('%.0f', now + ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
  return 1`

/** KEYS: the lock, the channel. ARGV: holder, name. The holder stays written: that it was free tells \`heldUntil\`. */
const release = `
  local lock = redis.call('HMGET', KEYS[1], 'holder', 'heir')
  if lock[2] == ARGV[1] then redis.call('HDEL', KEYS[1], 'heir', 'heirUntil') end
  if lock[1] == ARGV[1] then redis.call('HSET', KEYS[1], 'heldUntil', 0) end
  if lock[1] == ARGV[1] or lock[2] == ARGV[1] then redis.call('PUBLISH', KEYS[2], ARGV[2]) end
  return 1`

/**
 * Locks in one Redis server, of version 7 or later. Leases run on its clock. A server that loses what it held (restarted without its
 * append-only file, failed over to a replica that lagged) may let a second holder in while the first believes in its lease: the tokens of the
 * two tell them apart, as they begin with the time of day.
 */
export async function redisLocks(address: RedisAddress): Promise<LockDriver & { readonly native: Redis }> {
  const connection = await redisConnection(address)
  const { client } = connection
  const { client: listener } = await redisConnection(address)
  const scripts = {
    acquire: redisScript<[token: string, freeInMs?: number]>(client, 'portolanLockAcquire', acquire),
    renew: redisScript<number>(client, 'portolanLockRenew', renew),
    release: redisScript<number>(client, 'portolanLockRelease', release),
  }
  const channel = `${address.prefix}:locks:free`
  const keyOf = (name: string) => `${address.prefix}:lock${redisKey(name)}`
  const listeners = new Set<(name: string | undefined) => void>()
  listener.on('message', (_channel, name) => {
    for (const tell of listeners) tell(name)
  })
  // What was said while it was not connected, nobody has heard.
  listener.on('ready', () => {
    for (const tell of listeners) tell(undefined)
  })
  let listening: Promise<unknown> | undefined

  /** Only once somebody waits: it takes a second connection, as one that listens can do nothing else. */
  function listen(): void {
    if (listening || listeners.size === 0) return
    listening = (listener.status === 'wait' ? listener.connect() : Promise.resolve())
      .then(() => listener.subscribe(channel))
      .catch(() => {
        // Without hints, waiting goes by looking.
        listening = undefined
      })
  }

  return {
    name: 'redis',
    capabilities: { shared: true, ownClock: true, durable: true },
    native: client,
    async open() {
      if (client.status === 'wait') await client.connect()
    },
    async acquire(name, holder, ttlMs, announceMs): Promise<Attempt> {
      if (announceMs > 0) listen()
      const [token, freeInMs = 0] = await scripts.acquire(
        [keyOf(name)],
        [holder, Math.ceil(ttlMs), Math.ceil(announceMs), rememberMs],
      )
      return token === '0' ? { taken: false, freeInMs } : { taken: true, token: Number(token) }
    },
    async renew(name, holder, ttlMs) {
      return (await scripts.renew([keyOf(name)], [holder, Math.ceil(ttlMs), rememberMs])) === 1
    },
    async release(name, holder) {
      await scripts.release([keyOf(name), channel], [holder, name])
    },
    onFree(tell) {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    classify: error => connection.failure(error, 'The locks'),
    async health() {
      return client.status === 'ready'
        ? { status: 'up' }
        : { status: 'down', detail: 'Redis: Not connected.' }
    },
    async close() {
      client.disconnect()
      listener.disconnect()
    },
  }
}
