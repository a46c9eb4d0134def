import type { Product } from './value.ts'

/** A cache as its own documentation has it. */
export interface Peer extends AsyncDisposable {
  getOrSet(key: string, load: () => Promise<Product>, tags: readonly string[]): unknown
  set(key: string, value: Product, tags: readonly string[]): unknown
  clear(): unknown
}

export interface PeerContender {
  readonly name: string
  readonly raw?: boolean
  open(): Promise<Peer>
}

/** How often a second `work` is done, by as many at once as `workers`. `work` is given a number that no other call is given. */
export async function rate(work: (at: number) => unknown, workers = 1, ms = 250): Promise<number> {
  let at = 0
  const start = performance.now()
  const until = start + ms
  async function run(): Promise<void> {
    while (performance.now() < until) {
      // So that the clock is looked at rarely.
      for (let left = 100; left > 0; left--) await work(at++)
    }
  }
  await Promise.all(Array.from({ length: workers }, run))
  return at / ((performance.now() - start) / 1_000)
}
