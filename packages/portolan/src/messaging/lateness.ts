import type { Backlog } from './driver.ts'

/** What has waited since before `limit`, in a sentence; `undefined`: nothing. */
export function lateness(
  outboxOldest: Date | undefined,
  groups: readonly Backlog[],
  limit: number,
): string | undefined {
  const late = (since: Date | undefined) => since !== undefined && since.getTime() < limit
  const waited = (since: Date) => `since ${since.toISOString()}`
  if (late(outboxOldest)) return `Messages wait in the outbox ${waited(outboxOldest!)}.`
  const group = groups.find(({ oldest }) => late(oldest))
  return group && `Group '${group.group}' has messages waiting ${waited(group.oldest!)}.`
}
