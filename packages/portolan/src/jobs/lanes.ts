import type { Interruption } from './attempt.ts'
import type { Claim, ClaimedJob } from './driver.ts'
import type { Lane } from './lane.ts'

/** The lanes of a worker, by type. */
export class Lanes {
  readonly #byType = new Map<string, Lane>()

  add(lane: Lane): void {
    this.#byType.set(lane.type.name, lane)
  }

  get(type: string): Lane | undefined {
    return this.#byType.get(type)
  }

  get types(): string[] {
    return [...this.#byType.keys()]
  }

  /** Whether there is a type that leaves something in the store which is to be deleted after a time. */
  get anyKeeps(): boolean {
    return (
      this.#sum(({ type: { keep, keepDead, limits } }) =>
        keep === undefined && keepDead === undefined && !limits?.groupRate ? 0 : 1,
      ) > 0
    )
  }

  /** The types that are not paused. */
  get active(): string[] {
    return this.types.filter(type => !this.#byType.get(type)!.paused)
  }

  /** Jobs that run now. */
  get running(): number {
    return this.#sum(lane => lane.running)
  }

  /** The longest time that an attempt may take, in milliseconds. */
  get longestTimeoutMs(): number {
    let longest = 0
    for (const { timeoutMs } of this.#byType.values()) longest = Math.max(longest, timeoutMs)
    return longest
  }

  /** Attempts that were begun, in all. */
  get begun(): number {
    return this.#sum(lane => lane.begun)
  }

  get anyHungry(): boolean {
    return this.#sum(lane => (lane.hungry && !lane.paused ? 1 : 0)) > 0
  }

  claims(): Claim[] {
    const claims: Claim[] = []
    for (const lane of this.#byType.values()) {
      const claim = lane.claim()
      if (claim) claims.push(claim)
    }
    return claims
  }

  /** Marks the lanes of `queues` as those that the store may have more for, or not. */
  setHungry(queues: Iterable<string>, hungry: boolean): void {
    for (const queue of queues) {
      const lane = this.#byType.get(queue)
      if (lane) lane.hungry = hungry
    }
  }

  /** Pauses the types that are named and resumes the others. Takes out what was claimed and must not be begun now. */
  setPaused(types: ReadonlySet<string>): ClaimedJob[] {
    const unstarted: ClaimedJob[] = []
    for (const [type, lane] of this.#byType) {
      if (lane.paused === types.has(type)) continue
      lane.paused = !lane.paused
      lane.hungry = true
      if (lane.paused) unstarted.push(...lane.unstarted())
    }
    return unstarted
  }

  /** Stops a job that was cancelled; whether it is in hand. */
  cancel(id: string): boolean {
    for (const lane of this.#byType.values()) if (lane.cancel(id)) return true
    return false
  }

  start(): void {
    for (const lane of this.#byType.values()) lane.start()
  }

  /** Takes out what was claimed but not begun. */
  unstarted(): ClaimedJob[] {
    return [...this.#byType.values()].flatMap(lane => lane.unstarted())
  }

  /** Everything in hand. */
  inHand(): ClaimedJob[] {
    return [...this.#byType.values()].flatMap(lane => lane.inHand())
  }

  interrupt(interruption: Interruption): void {
    for (const lane of this.#byType.values()) lane.interrupt(interruption)
  }

  abandon(): void {
    for (const lane of this.#byType.values()) lane.abandon()
  }

  #sum(of: (lane: Lane) => number): number {
    let sum = 0
    for (const lane of this.#byType.values()) sum += of(lane)
    return sum
  }
}
