import type { Clock } from 'portolan'

/** A bucket of `burst` that fills by one every `everyMs`. */
interface Bucket {
  level: number
  at: number
}

/** Meta's limits, where the faults ask for them: 80 messages/s a number; a pair about 1 per 6 s, 45 at once. */
export function createRateLimits(clock: Clock) {
  const pairs = new Map<string, Bucket>()
  const number: Bucket = { level: 80, at: clock.monotonic() }

  function take(bucket: Bucket, burst: number, everyMs: number): boolean {
    const now = clock.monotonic()
    bucket.level = Math.min(burst, bucket.level + (now - bucket.at) / everyMs)
    bucket.at = now
    if (bucket.level < 1) return false
    bucket.level -= 1
    return true
  }

  return {
    throughput: () => take(number, 80, 1000 / 80),
    pair(waId: string): boolean {
      const bucket = pairs.get(waId) ?? { level: 45, at: clock.monotonic() }
      pairs.set(waId, bucket)
      return take(bucket, 45, 6_000)
    },
  }
}
