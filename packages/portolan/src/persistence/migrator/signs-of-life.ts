import type { MigratorContext } from './context.ts'
import type { RunRow } from './history.ts'
import { stopped, waitedTooLong } from './refusals.ts'

/** Signs in the time of a lease. */
const signsInLease = 5
const longestPauseMs = 500

/** Says again and again that `owner` is alive, until it is ended. */
export function signsOfLife(
  { history, surroundings, leaseMs, namespace }: MigratorContext,
  owner: string,
): { end(): Promise<void> } {
  const { clock, logger } = surroundings
  const ending = new AbortController()
  const signs = (async () => {
    while (!ending.signal.aborted) {
      try {
        await clock.sleep(leaseMs / signsInLease, ending.signal)
        await history.alive(owner, clock.now())
      } catch (error) {
        if (!ending.signal.aborted)
          logger.warn('A sign of life of a migration got lost.', { namespace, error })
      }
    }
  })()
  return {
    async end() {
      ending.abort()
      await signs
    },
  }
}

/**
 * Waits until `run` has ended.
 *
 * @throws InfrastructureError when it failed, or has given no sign of life for the time of a lease.
 */
export async function untilEnded(context: MigratorContext, run: RunRow): Promise<void> {
  const { namespace, surroundings, waitMs, report } = context
  const { clock } = surroundings
  const giveUpAt = clock.monotonic() + waitMs
  report({ event: 'waiting', name: run.name, direction: run.direction })
  for (let seen = run; ; ) {
    const current = await nextSign(context, seen, giveUpAt)
    if (!current || current.owner !== run.owner) return
    if (clock.monotonic() >= giveUpAt) throw waitedTooLong(namespace, current, waitMs)
    seen = current
  }
}

/**
 * What is known of a run once there is news of it, or the time is over; `undefined` when it has ended. Signs of life are measured with
 * the watch of who waits, so clocks need not agree.
 *
 * @throws InfrastructureError when it failed, or there is no news for the time of a lease.
 */
export async function nextSign(
  { namespace, history, surroundings, leaseMs, signal }: MigratorContext,
  seen: RunRow,
  giveUpAt = Number.POSITIVE_INFINITY,
): Promise<RunRow | undefined> {
  const { clock } = surroundings
  const deadAt = clock.monotonic() + leaseMs
  for (;;) {
    if (seen.failure !== null) throw stopped(namespace, seen)
    await clock.sleep(Math.min(leaseMs / signsInLease, longestPauseMs), signal)
    const current = await history.run()
    if (!current || current.owner !== seen.owner) return current
    const now = clock.monotonic()
    const news = current.aliveAt !== seen.aliveAt || current.statement !== seen.statement
    if (current.failure === null && (news || now >= giveUpAt)) return current
    if (current.failure !== null || now >= deadAt) throw stopped(namespace, current)
  }
}
