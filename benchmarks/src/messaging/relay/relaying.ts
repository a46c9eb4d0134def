import { type Arrivals, within } from '../arrivals.ts'
import { range } from '../message.ts'

/** An outbox, and what moves it to a broker that does nothing. */
export interface Relaying extends AsyncDisposable {
  /** Committed, and kept back. */
  fill(numbers: readonly number[]): Promise<void>
  /** Lets all of it go. */
  release(): void
  /** Resolves when nothing waits in the outbox, and nothing moves any more. */
  settled(): Promise<void>
}

let next = 0

/** Fills the outbox with `count` messages, and has them relayed; messages a second, until nothing waits. */
export async function relayRate(relaying: Relaying, arrivals: Arrivals, count: number): Promise<number> {
  const numbers = range(next, count)
  next += count
  await relaying.fill(numbers)
  const all = arrivals.expect(numbers)
  const began = performance.now()
  relaying.release()
  await within(all, `Relaying ${count} messages`)
  await relaying.settled()
  return count / ((performance.now() - began) / 1_000)
}
