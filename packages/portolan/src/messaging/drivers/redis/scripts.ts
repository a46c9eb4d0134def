/** What a key of ours begins with: all of one prefix live in the same slot of a cluster. */
export function keysOf(prefix: string) {
  const tag = `{${prefix}}`
  return {
    tag,
    groups: (topic: string) => `${tag}:groups:${topic}`,
    /** A group's own stream of a partition: an entry stays until it is acknowledged, and nothing trims it. */
    stream: (group: string, partition: number) => `${tag}:stream:${group}:${partition}`,
    /** Who reads which stream: the last one to take it over. */
    owners: `${tag}:owners`,
    /** The channel that says where something was added. */
    added: `${tag}:added`,
  }
}

export type Keys = ReturnType<typeof keysOf>

/** The consumer group within each stream; there is one alone. */
export const inner = 'portolan'

/**
 * Adds a message to the stream of each group that is bound to its topic. All of them or none: a script runs alone.
 *
 * KEYS: the groups of the topic. ARGV: tag, partition, then the fields and their values.
 */
export const publish = `
  for _, group in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    local stream = ARGV[1] .. ':stream:' .. group .. ':' .. ARGV[2]
    redis.call('XADD', stream, '*', unpack(ARGV, 3))
    redis.call('PUBLISH', ARGV[1] .. ':added', stream)
  end
  return 1`

/**
 * Reads what nobody has read yet, unless somebody else has taken the stream over: the check and the read are one step, so that a
 * process that was stopped in between takes nothing.
 *
 * KEYS: owners, stream. ARGV: token, consumer group, count.
 */
export const read = `
  if redis.call('HGET', KEYS[1], KEYS[2]) ~= ARGV[1] then return false end
  return redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[1], 'COUNT', ARGV[3], 'STREAMS', KEYS[2], '>')
    or {}`

/**
 * Takes what others have read and not acknowledged, from an id on: the same check.
 *
 * KEYS: owners, stream. ARGV: token, consumer group, count, first id.
 */
export const claim = `
  if redis.call('HGET', KEYS[1], KEYS[2]) ~= ARGV[1] then return false end
  return redis.call('XAUTOCLAIM', KEYS[2], ARGV[2], ARGV[1], 0, ARGV[4], 'COUNT', ARGV[3])`
