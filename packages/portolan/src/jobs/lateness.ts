import type { JobStore } from './driver.ts'

/** What has been due for longer than `limitMs`, or keeps the store from cleaning up for as long, in a sentence. */
export async function lateness(
  store: JobStore,
  types: readonly string[],
  limitMs: number,
): Promise<string | undefined> {
  for (const [type, inMs] of await store.nextDue(types))
    if (inMs < -limitMs) return `Jobs of type '${type}' have been due for ${Math.round(-inMs / 1_000)} s.`
  return store.inspection.burden?.(limitMs)
}
