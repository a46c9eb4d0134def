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

/** One for each group that has something, whatever it waits in. */
export function together(backlogs: readonly Backlog[]): Backlog[] {
  const groups = new Map<string, Backlog>()
  for (const { group, waiting, oldest } of backlogs) {
    if (waiting === 0) continue
    const other = groups.get(group)
    const times = [other?.oldest, oldest].filter(time => time !== undefined)
    groups.set(group, {
      group,
      waiting: (other?.waiting ?? 0) + waiting,
      oldest: times.length === 0 ? undefined : new Date(Math.min(...times.map(Number))),
    })
  }
  return [...groups.values()]
}
