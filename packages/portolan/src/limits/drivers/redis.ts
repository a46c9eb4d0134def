import type { Redis } from 'ioredis'
import { type RedisAddress, redisConnection, redisKey, redisScript } from '../../redis/index.ts'
import { slackMs } from '../decide.ts'
import { fullKey, type LimitDriver, type Outcome, type Rule } from '../driver.ts'

/**
 * `decide`, in Lua, on the server's clock. The state is one text, which takes less room and time than a hash.
 *
 * KEYS: the key. ARGV: algorithm, cost and size (of a bucket in milliseconds, else in units), window, after how many strikes and for how
 * long to block, when to forget.
 */
const take = `
  local t = redis.call('TIME')
  local now = t[1] * 1000 + t[2] / 1000
  local cost, size, window = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local after, block = tonumber(ARGV[5]), tonumber(ARGV[6])
  local a, b, c, strikes, strikeAt = 0, 0, 0, 0, 0
  local stored = redis.call('GET', KEYS[1])
  if stored then
    local parts = {}
    for part in string.gmatch(stored, '[^ ]+') do parts[#parts + 1] = tonumber(part) end
    a, b, c, strikes, strikeAt = unpack(parts)
  end
  local outcome = 'allowed'
  if after > 0 and strikes >= after and strikeAt <= now and strikeAt + block > now then
    outcome = 'blocked'
  else
    local fits
    if ARGV[1] == 'token_bucket' then
      local full = math.min(math.max(a, now), now + size)
      fits = full + cost - now <= size + ${slackMs}
      if fits then a = full + cost else a = full end
    else
      local start = math.floor(now / window) * window
      if a == start - window then
        a, b, c = start, c, 0
      elseif a ~= start and a ~= start + window then
        a, b, c = start, 0, 0
      end
      fits = b * (window - math.max(0, now - a)) / window + c + cost <= size + 1e-9
      if fits then c = c + cost end
    end
    if not fits then
      outcome = 'refused'
      if after > 0 then
        if strikeAt + window > now and strikes < after then strikes = strikes + 1 else strikes = 1 end
        strikeAt = now
      end
    end
  end
  local state = string.format('%.3f %.9g %.9g %d %.3f', a, b, c, strikes, strikeAt)
  redis.call('SET', KEYS[1], state, 'PX', ARGV[7])
  return {outcome, state, string.format('%.3f', now)}`

/** Limits in one Redis server, of version 7 or later; each step is one round trip. */
export async function redisLimits(address: RedisAddress): Promise<LimitDriver & { readonly native: Redis }> {
  const connection = await redisConnection(address)
  const { client } = connection
  const script = redisScript<[outcome: Outcome, state: string, now: string]>(
    client,
    'portolanLimitTake',
    take,
  )
  const keyOf = (rule: Rule, key: string) => `${address.prefix}:limit${redisKey(fullKey(rule, key))}`
  return {
    name: 'redis',
    capabilities: { shared: true, ownClock: true },
    native: client,
    async open() {
      if (client.status === 'wait') await client.connect()
    },
    async take(key, rule, cost) {
      const { algorithm, windowMs, limit, blockAfter, blockMs, perUnitMs, sizeMs } = rule
      const sizes = algorithm === 'token_bucket' ? [cost * perUnitMs, sizeMs] : [cost, limit]
      const [outcome, state, now] = await script(
        [keyOf(rule, key)],
        [algorithm, ...sizes, windowMs, blockAfter, blockMs, rule.forgetAfterMs],
      )
      const [a, b, c, strikes, strikeAt] = state.split(' ').map(Number)
      return { outcome, a: a!, b: b!, c: c!, strikes: strikes!, strikeAt: strikeAt!, now: Number(now) }
    },
    async forget(key, rule) {
      await client.del(keyOf(rule, key))
    },
    classify: error => connection.failure(error, 'The limits'),
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
