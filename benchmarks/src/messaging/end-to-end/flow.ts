import { setTimeout as sleep } from 'node:timers/promises'
import { steadily } from '../../steadily.ts'
import { Arrivals, within } from '../arrivals.ts'
import { range } from '../message.ts'

/** All the way: a transaction, the outbox, the broker, the inbox and a handler that writes a row, with both ends in this process. */
export interface Flow extends AsyncDisposable {
  /** Publishes `numbers` in one transaction, which also writes a row; calls `committing` when it has nothing left but to commit. */
  publish(numbers: readonly number[], committing: () => void): Promise<void>
  /** How many rows the handlers have written. */
  effects(): Promise<number>
  /** Removes those, and whatever else is kept of what is done. */
  clear(): Promise<void>
}

/** Told by the handlers when they begin. */
export type Handled = (n: number) => void

/** What one contender's handlers have told, round after round. */
export class Course {
  readonly arrivals = new Arrivals()
  readonly #committing = new Map<number, number>()
  readonly #handled = new Set<number>()
  readonly #latencies: number[] = []
  #next = 0

  /** Only the first time: a handler may be called again for what was rolled back; that its effect is there once is looked at. */
  readonly handled: Handled = n => {
    if (this.#handled.has(n)) return
    this.#handled.add(n)
    const began = this.#committing.get(n)
    if (began !== undefined) this.#latencies.push(performance.now() - began)
    this.arrivals.add(n)
  }

  numbers(count: number): number[] {
    const numbers = range(this.#next, count)
    this.#next += count
    return numbers
  }

  committing(n: number): void {
    this.#committing.set(n, performance.now())
  }

  /** In ms, in order; those since the last time. */
  latencies(): number[] {
    this.#committing.clear()
    return this.#latencies.splice(0).sort((a, b) => a - b)
  }
}

const atOnce = 4
const perTransaction = 20

/** Publishes as fast as it goes; messages a second until the last effect is committed. */
export async function flowRate(flow: Flow, course: Course, count: number): Promise<number> {
  const numbers = course.numbers(count)
  const all = course.arrivals.expect(numbers)
  const began = performance.now()
  const publish = async () => {
    while (numbers.length > 0) await flow.publish(numbers.splice(0, perTransaction), () => {})
  }
  await Promise.all(Array.from({ length: atOnce }, publish))
  await within(all, `${count} messages`)
  await settled(flow, count)
  return count / ((performance.now() - began) / 1_000)
}

/** Publishes one message in a transaction at a steady rate; ms from its commit to its handler, in order. */
export async function flowLatencies(
  flow: Flow,
  course: Course,
  pace: { readonly perSecond: number; readonly seconds: number },
): Promise<number[]> {
  const numbers = course.numbers(Math.round(pace.perSecond * pace.seconds))
  const all = course.arrivals.expect(numbers)
  let at = 0
  await steadily(pace, () => {
    const n = numbers[at++]!
    return flow.publish([n], () => course.committing(n))
  })
  await within(all, `${numbers.length} messages`)
  await settled(flow, numbers.length)
  return course.latencies()
}

async function settled(flow: Flow, count: number): Promise<void> {
  let effects = await flow.effects()
  for (; effects < count; effects = await flow.effects()) await sleep(1)
  if (effects !== count) throw new Error(`${count} messages had ${effects} effects.`)
  await flow.clear()
}
