import type { Clock } from '../../src/ports/time.ts'

/** A clock on which sleeping takes no time, and is written down. */
export function sleepless(): Clock & { readonly slept: number[] } {
  let now = Date.parse('2026-05-01T00:00:00Z')
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    monotonic: () => now,
    timer: () => ({ cancel() {} }),
    async sleep(ms) {
      slept.push(ms)
      now += ms
    },
  }
}
