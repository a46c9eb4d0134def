import type { SwiftConnection } from '../../../redis/index.ts'

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

/** When an entry was last changed; 0 where it is none of ours, too. */
const changed = `
  local function changed(key)
    local head = redis.pcall('GETRANGE', key, 0, 20)
    return type(head) == 'string' and tonumber(string.match(head, '^[PD](%d+)')) or 0
  end`

/**
 * KEYS[3] and on: entries. ARGV, of each: the birth or '', for how long or '', the entry, how many tags, and those. Answers whether each was
 * taken.
 */
const write = `${begin}${changed}
  local function marked_since(tag, tick)
    local mark = redis.call('ZSCORE', KEYS[2], tag)
    return mark and tonumber(mark) > tick
  end
  local answer, at, moment = {}, 1, text(now)
  for entry = 3, #KEYS do
    local key, tick, life, last = KEYS[entry], tonumber(ARGV[at]), ARGV[at + 1], at + 3 + ARGV[at + 3]
    local before, taken = changed(key), 1
    if not tick then
      tick = math.max(now, before + 1, marked + 1)
    elseif before > tick or marked > tick and marked_since('', tick) then
      taken = 0
    elseif marked > tick then
      for tag = at + 4, last do
        if marked_since(ARGV[tag], tick) then taken = 0 end
      end
    end
    if taken == 1 then
      local value = 'P' .. (tick == now and moment or text(tick)) .. ' ' .. moment .. ' ' .. ARGV[at + 2]
      if life == '' then redis.call('SET', key, value) else redis.call('SET', key, value, 'PX', life) end
    end
    answer[entry - 2] = taken
    at = last + 1
  end
  return {answer, moment}`

/** KEYS[3]: the entry. ARGV: for how long to remember it. */
const remove = `${begin}${changed}
  local tick = math.max(now, changed(KEYS[3]) + 1, marked + 1)
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

type Done = [1, now: string]

export const cacheScripts = ({ script }: SwiftConnection) => ({
  write: script<[taken: (0 | 1)[], now: string]>('portolanCacheWrite', write),
  remove: script<Done>('portolanCacheRemove', remove),
  mark: script<Done>('portolanCacheMark', mark),
  marks: script<[string[], now: string]>('portolanCacheMarks', marks),
})
