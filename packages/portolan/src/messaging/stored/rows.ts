import type { Custody, Outcome } from '../custody.ts'
import type { StoredDelivery } from '../driver.ts'

/** Deliveries that are rows in the application's database: to take one is to delete its row. */
export const rows: Custody<StoredDelivery> = {
  admits: async () => true,
  attempt: ({ attempt }) => attempt,
  take: async ([first, ...others]) => first === undefined || first.complete(others),
  async again(delivery, delayMs, history): Promise<Outcome> {
    await delivery.retry(delayMs, history)
    return 'again'
  },
  release: delivery => delivery.release(),
}
