import { setTimeout as sleep } from 'node:timers/promises'

/** So long that only something that never comes takes it, on the slowest machine. */
const limitMs = 60_000

/** Looks again and again until there is something; rejects with `what` when it never comes. */
export async function until<T>(look: () => T | Promise<T>, what: string): Promise<Found<T>> {
  const end = Date.now() + limitMs
  for (;;) {
    const found = await look()
    if (found) return found as Found<T>
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`)
    await sleep(5)
  }
}

type Found<T> = Exclude<T, undefined | null | false | 0 | ''>
