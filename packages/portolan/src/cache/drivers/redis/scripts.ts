import type { Redis } from 'ioredis'
import { redisScript } from '../../../redis/index.ts'

/** The store remembers so many marks, and forgets the older half when there are more. */
const mostMarks = 10_000

/**
 * KEYS: the state, the marks. What is held is `P<tick> <when it was written> <entry>`, or of a deletion `D<tick>`; the state is when tags were
 * last marked; the marks are a sorted set of tags by their ticks, with '' for all that is not remembered. Without '' it was lost, and begins
 * anew: all that is older counts as deleted. Numbers are written out, as Lua would give them an exponent.
 */
const begin = `
  local t = redis.call('TIME')
  local now = t[1] * 1000000 + t[2]
  local function text(number) return string.format('%.0f', number) end
  local marked = tonumber(redis.call('GET', KEYS[1]) or 0)
  if marked == 0 or not redis.call('ZSCORE', KEYS[2], '') then
    marked = math.max(now, marked + 1)
    redis.call('SET', KEYS[1], text(marked))
    redis.call('ZADD', KEYS[2], text(marked), '')
  end`

/** KEYS[3]: the entry. When it was last changed; 0 where it is none of ours, too. */
const changed = `
  local head = redis.pcall('GETRANGE', KEYS[3], 0, 20)
  local changed = type(head) == 'string' and tonumber(string.match(head, '^[PD](%d+)')) or 0`

/** ARGV: the birth or '', for how long or '', the entry, its tags. Answers whether it was taken. */
const write = `${begin}${changed}
  local tick
  if ARGV[1] == '' then
    tick = math.max(now, changed + 1, marked + 1)
  else
    tick = tonumber(ARGV[1])
    if changed > tick then return {0, text(now)} end
    if marked > tick then
      ARGV[#ARGV + 1] = ''
      for at = 4, #ARGV do
        local mark = redis.call('ZSCORE', KEYS[2], ARGV[at])
        if mark and tonumber(mark) > tick then return {0, text(now)} end
      end
    end
  end
  local value = 'P' .. text(tick) .. ' ' .. text(now) .. ' ' .. ARGV[3]
  if ARGV[2] == '' then redis.call('SET', KEYS[3], value)
  else redis.call('SET', KEYS[3], value, 'PX', ARGV[2]) end
  return {1, text(now)}`

/** ARGV: for how long to remember it. */
const remove = `${begin}${changed}
  local tick = math.max(now, changed + 1, marked + 1)
  redis.call('SET', KEYS[3], 'D' .. text(tick), 'PX', ARGV[1])
  return {1, text(now)}`

/** ARGV: the tags. */
const mark = `${begin}
  local tick = text(math.max(now, marked + 1))
  for at = 1, #ARGV do redis.call('ZADD', KEYS[2], tick, ARGV[at]) end
  redis.call('SET', KEYS[1], tick)
  local many = redis.call('ZCARD', KEYS[2]) - ${mostMarks}
  if many > 0 then
    many = many + ${mostMarks / 2}
    local last = redis.call('ZRANGE', KEYS[2], many - 1, many - 1, 'WITHSCORES')
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, many - 1)
    redis.call('ZADD', KEYS[2], 'GT', last[2], '')
  end
  return {1, text(now)}`

/** ARGV: since when. Answers tags and ticks in turn. */
const marks = `${begin}
  return {redis.call('ZRANGE', KEYS[2], '(' .. ARGV[1], '+inf', 'BYSCORE', 'WITHSCORES'), text(now)}`

export type Outcome = [taken: 0 | 1, now: string]

export const cacheScripts = (client: Redis) => ({
  write: redisScript<Outcome>(client, 'portolanCacheWrite', write),
  remove: redisScript<Outcome>(client, 'portolanCacheRemove', remove),
  mark: redisScript<Outcome>(client, 'portolanCacheMark', mark),
  marks: redisScript<[string[], now: string]>(client, 'portolanCacheMarks', marks),
})
