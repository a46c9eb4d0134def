import { slackMs } from '../decide.ts'

const slackUs = slackMs * 1_000

/**
 * A bucket that blocks nobody, in Lua, on the server's clock; times are microseconds. All that is kept of a key is when its bucket is full
 * again; a refusal changes nothing.
 *
 * KEYS: the keys. ARGV: the size of the bucket, when to forget (in milliseconds), then a cost for each key. Answers for each key how
 * far its bucket is from being full; below zero, and one less, when it was refused.
 */
export const takeFromBuckets = `
  local t = redis.call('TIME')
  local now = t[1] * 1000000 + t[2]
  local size = tonumber(ARGV[1])
  local answer = {}
  for i = 1, #KEYS do
    local stored = redis.call('GET', KEYS[i])
    local used = 0
    if stored then
      used = (tonumber(stored) or tonumber(string.match(stored, '^[^ ]+'))) - now
      if used < 0 then used = 0 elseif used > size then used = size end
    end
    local more = used + ARGV[i + 2]
    if more <= size + ${slackUs} then
      redis.call('SET', KEYS[i], now + more, 'PX', ARGV[2])
      answer[i] = more
    else
      answer[i] = -1 - used
    end
  end
  return answer`

/**
 * `decide`, in Lua, on the server's clock; times are microseconds. The state is one text, which takes less room and time than a hash.
 *
 * KEYS: the keys. ARGV: algorithm, size (of a bucket in microseconds, else in units), window, after how many strikes and for how long to block, when
 * to forget (in milliseconds), then a cost for each key. Answers a text for each key: the outcome, the moment, the state.
 */
export const takeFromAny = `
  local t = redis.call('TIME')
  local now = t[1] * 1000000 + t[2]
  local bucket = ARGV[1] == 'token_bucket'
  local size, window = tonumber(ARGV[2]), tonumber(ARGV[3])
  local after, block = tonumber(ARGV[4]), tonumber(ARGV[5])

  local function decide(a, b, c, strikes, strikeAt, cost)
    if after > 0 and strikes >= after and strikeAt <= now and strikeAt + block > now then
      return 2, a, b, c, strikes, strikeAt
    end
    local fits
    if bucket then
      local full = math.min(math.max(a, now), now + size)
      fits = full + cost - now <= size + ${slackUs}
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
    if fits then return 0, a, b, c, strikes, strikeAt end
    if after > 0 then
      if strikeAt + window > now and strikes < after then strikes = strikes + 1 else strikes = 1 end
      strikeAt = now
    end
    return 1, a, b, c, strikes, strikeAt
  end

  local answer = {}
  for i = 1, #KEYS do
    local state = {0, 0, 0, 0, 0}
    local stored = redis.call('GET', KEYS[i])
    if stored then
      local at = 1
      for part in string.gmatch(stored, '[^ ]+') do
        state[at] = tonumber(part)
        at = at + 1
      end
    end
    local outcome, a, b, c, strikes, strikeAt =
      decide(state[1], state[2], state[3], state[4], state[5], tonumber(ARGV[i + 6]))
    local text = string.format('%.0f %.15g %.15g %d %.0f', a, b, c, strikes, strikeAt)
    redis.call('SET', KEYS[i], text, 'PX', ARGV[6])
    answer[i] = string.format('%d %.0f %s', outcome, now, text)
  end
  return answer`
