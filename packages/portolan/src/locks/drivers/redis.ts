import type { Redis } from 'ioredis'
import { type RedisAddress, redisConnection, redisKey, swiftConnection } from '../../redis/index.ts'
import { type Attempt, type LockDriver, rememberMs } from '../driver.ts'

/**
 * What is kept of a lock is one text, which takes less time than a hash: its last token; if it is held or kept for somebody, also the holder and until
 * when it holds; if others wait, also the heir and until when it is announced. `-` is nobody, and the heir `+` somebody who waits and is not
 * announced. Moments are milliseconds since the epoch, on the server's clock, which all processes share.
 */
const parsed = `
  local stored = redis.call('GET', KEYS[1])
  local token, holder, heldUntil, heir, heirUntil = tonumber(stored), '-', 0, '-', 0
  if stored and not token then
    token, holder, heldUntil = string.match(stored, '^(%S+) (%S+) (%S+)$')
    if not token then
      token, holder, heldUntil, heir, heirUntil = string.match(stored, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
    end
  end`

const read = `${parsed}
  local t = redis.call('TIME')
  local micros = t[1] * 1000000 + t[2]
  local now = math.floor(micros / 1000)
  token, heldUntil, heirUntil = tonumber(token), tonumber(heldUntil), tonumber(heirUntil)`

/** Numbers as whole ones: Lua would write a large one with an exponent. */
const written = `string.format('%.0f %s %.0f', token, holder, heldUntil)
  if heir ~= '-' then text = string.format('%s %s %.0f', text, heir, heirUntil) end`

/**
 * KEYS: the lock. ARGV: holder, ttl, for how long to announce, when to forget it. Answers the token; else when it runs out, below zero, or zero
 * when it is free and kept for another.
 */
const acquire = `${read}
  local open = heir == '-' or heir == '+' or heir == ARGV[1] or heirUntil <= now
  local free = heldUntil <= now
  if free and open or not free and holder == ARGV[1] then
    token = math.max((token or 0) + 1, micros)
    holder, heldUntil = ARGV[1], now + ARGV[2]
    -- Where one waited, others may.
    if heir ~= '-' then heir, heirUntil = '+', 0 end
    local text = ${written}
    redis.call('SET', KEYS[1], text, 'PX', ARGV[4])
    return token
  end
  if open and tonumber(ARGV[3]) > 0 then
    heir, heirUntil = ARGV[1], now + ARGV[3]
    local text = ${written}
    redis.call('SET', KEYS[1], text, 'KEEPTTL')
  end
  return free and 0 or now - heldUntil`

/** KEYS: the lock. ARGV: holder, ttl, when to forget it. */
const renew = `${read}
  if holder ~= ARGV[1] or heldUntil <= now then return 0 end
  heldUntil = now + ARGV[2]
  local text = ${written}
  redis.call('SET', KEYS[1], text, 'PX', ARGV[3])
  return 1`

/** KEYS: the lock, the channel. ARGV: holder, name. Nobody is told where nobody waits. */
const release = `${parsed}
  if holder ~= ARGV[1] and heir ~= ARGV[1] then return 0 end
  local waited = heir ~= '-'
  if heir == ARGV[1] then heir, heirUntil = '+', 0 end
  if holder == ARGV[1] then holder, heldUntil = '-', 0 end
  local text = token
  if holder ~= '-' or heir ~= '-' and heir ~= '+' then
    text = ${written}
  end
  redis.call('SET', KEYS[1], text, 'KEEPTTL')
  if waited then redis.call('PUBLISH', KEYS[2], ARGV[2]) end
  return 1`

/**
 * Locks in one Redis server, of version 7 or later. Leases run on its clock. A server that loses what it held (restarted without its
 * append-only file, failed over to a replica that lagged) may let a second holder in while the first believes in its lease: the tokens of the
 * two tell them apart, as they begin with the time of day.
 */
export async function redisLocks(address: RedisAddress): Promise<LockDriver & { readonly native: Redis }> {
  const connection = await swiftConnection(address)
  const { client } = connection
  const { client: listener } = await redisConnection(address)
  const scripts = {
    acquire: connection.script<number>('portolanLockAcquire', acquire),
    renew: connection.script<number>('portolanLockRenew', renew),
    release: connection.script<number>('portolanLockRelease', release),
  }
  const channel = `${address.prefix}:locks:free`
  const keyOf = (name: string) => `${address.prefix}:held${redisKey(name)}`
  const listeners = new Set<(name: string | undefined) => void>()
  listener.on('message', (_channel, name) => {
    for (const tell of listeners) tell(name)
  })
  // What was said while it was not connected, nobody has heard.
  listener.on('ready', () => {
    for (const tell of listeners) tell(undefined)
  })
  let listening: Promise<unknown> | undefined

  /** Only once somebody waits for another process: it takes a second connection, as one that listens can do nothing else. */
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
    inOrder: true,
    native: client,
    open: connection.open,
    async acquire(name, holder, ttlMs, announceMs): Promise<Attempt> {
      const ttl = Math.ceil(ttlMs)
      const answer = await scripts.acquire(
        [keyOf(name)],
        [holder, ttl, Math.ceil(announceMs), ttl + rememberMs],
      )
      if (answer > 0) return { taken: true, token: answer }
      if (announceMs > 0) listen()
      return { taken: false, freeInMs: -answer }
    },
    async renew(name, holder, ttlMs) {
      const ttl = Math.ceil(ttlMs)
      return (await scripts.renew([keyOf(name)], [holder, ttl, ttl + rememberMs])) === 1
    },
    async release(name, holder) {
      await scripts.release([keyOf(name), channel], [holder, name])
    },
    onFree(tell) {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    classify: error => connection.failure(error, 'The locks'),
    health: connection.health,
    async close() {
      client.disconnect()
      listener.disconnect()
    },
  }
}
