/** What became of a delivery: it is over, or it comes again, and what follows it in its key must wait. */
export type Outcome = 'settled' | 'again'

/** How one kind of deliveries is taken over by the application's database, so that each takes effect once. */
export interface Custody<D> {
  /** Outside of a unit of work. `false`: nothing is to be handled, and the delivery is only to be acknowledged. */
  admits(delivery: D): Promise<boolean>
  /** Counted from 1. */
  attempt(delivery: D): number
  /** The last statement of the unit of work that handles or buries them. `false`: somebody else has taken one of them. */
  take(deliveries: readonly D[]): Promise<boolean>
  /** Its attempt has failed: it comes again, no earlier than `delayMs` from now, and nothing of its key before that. `history`: with this attempt. */
  again(delivery: D, delayMs: number, history: string): Promise<Outcome>
  /** Gives it back, uncounted. */
  release(delivery: D): void
}
