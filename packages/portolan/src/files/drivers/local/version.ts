import type { BigIntStats } from 'node:fs'
import type { Clock } from '../../../ports/time.ts'

/**
 * Changes with every write: the inode is another one, and the moment is never the same twice (see `stamps`), also when the file
 * system hands out an inode again.
 */
export function etagOf(stats: BigIntStats): string {
  return `${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}`
}

export function modifiedAtOf(stats: BigIntStats): Date {
  // Rounded: a moment that went through seconds as a float comes back some nanoseconds off.
  return new Date(Number((stats.mtimeNs + 500_000n) / 1_000_000n))
}

/**
 * Moments for `futimes`, in seconds: the clock's, and at least a microsecond after the one before. File systems stamp with a tick
 * of milliseconds, too coarse to tell two writes apart.
 */
export function stamps(clock: Clock): () => number {
  let last = 0
  return () => {
    last = Math.max(clock.now() * 1000, last + 1)
    return last / 1_000_000
  }
}
