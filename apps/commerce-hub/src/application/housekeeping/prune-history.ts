import type { Clock, UnitOfWork } from 'portolan'
import type { History } from '../ports/history.ts'

/** A unit of work stays short, however much there is. */
const batch = 500

/**
 * The job that deletes what is older than the shop keeps: what was said, and carts that were done with. Orders and refunds are the
 * books, and stay.
 */
export function createPruneHistory(uses: {
  readonly unitOfWork: UnitOfWork
  readonly history: History
  readonly clock: Clock
  readonly keepDays: number
}) {
  const { unitOfWork, history, clock, keepDays } = uses
  return async (): Promise<void> => {
    const before = new Date(clock.now() - keepDays * 24 * 60 * 60 * 1000)
    while ((await unitOfWork.run(() => history.pruneMessages(before, batch))) === batch);
    while ((await unitOfWork.run(() => history.pruneCarts(before, batch))) === batch);
  }
}
