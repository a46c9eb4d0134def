import { type Arrivals, within } from '../arrivals.ts'
import { range, type Sent, sent } from '../message.ts'

/** A broker alone: no database, no effect, only what travels. */
export interface Wire extends AsyncDisposable {
  /** Resolves when the broker has confirmed all of them. */
  publish(messages: readonly Sent[]): Promise<void>
  /** Hands what arrives to `handle`, and acknowledges it then. Once. */
  consume(handle: (payload: string) => Promise<void> | void): Promise<void>
}

/** In one call, as a relay does. */
const batch = 500

let next = 0

/** Publishes with confirms what is consumed meanwhile; messages a second, until all have arrived. */
export async function wireRate(wire: Wire, arrivals: Arrivals, count: number): Promise<number> {
  const numbers = range(next, count)
  next += count
  const messages = numbers.map(sent)
  const all = arrivals.expect(numbers)
  const began = performance.now()
  for (let from = 0; from < count; from += batch) await wire.publish(messages.slice(from, from + batch))
  await within(all, `${count} messages`)
  return count / ((performance.now() - began) / 1_000)
}
