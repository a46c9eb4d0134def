import { createHash } from 'node:crypto'

const plain = /^[A-Za-z0-9_-]{1,100}$/

/**
 * A name for queues, streams and subjects that every broker takes, one to one: a group's own where it is plain, and otherwise what is
 * readable of it with a hash of the whole.
 */
export function plainName(name: string): string {
  if (plain.test(name)) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 24)
  return `${name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60)}~${hash}`
}
