import type { Clock } from '../ports/time.ts'

/** Milliseconds between two scans from the head, and between two looks back; a scan that takes long is repeated more rarely. */
const headEveryMs = 1_000
const backEveryMs = 10
const scanShare = 20

/** A stretch that was read. */
export interface Passed {
  readonly after: number
  readonly upTo: number
}

/**
 * How far rows were read, by the counter that numbers them. It is a hint: what it has passed is found by scans from the head, about
 * once a second.
 *
 * Where transactions run at the same time, a number may be committed after higher ones were read. Looks back at all that was passed since
 * the last scan but one find those of transactions that took less than that, as soon as something is read at all.
 * Looking back is cheap: what was handled is gone, and what is in hand is recognised.
 *
 * For the order of a key that is not enough: what is read next may follow, in its key, what was passed a moment ago. So whoever
 * reads something of a key also reads what of this key stands in `passed`, before it goes on: writers of a key that take turns have
 * committed the earlier one before they wrote the later, so that it is there by then.
 */
export class ReadAhead {
  readonly #clock: Clock
  readonly #commitsInOrder: () => boolean
  #position = 0
  #starts = 0
  /** While it scans: up to where, and what that has cost. */
  #scan: { readonly upTo: number; readonly fromHead: boolean; costMs: number } | undefined
  #nextHead = 0
  #nextBack = 0
  /** Where the last scan from the head, and the one before it, began. */
  #last = 0
  #lastButOne = 0

  /** `commitsInOrder`: nothing lower is committed once a number was read, or whoever reads knows of it otherwise. */
  constructor(clock: Clock, commitsInOrder: () => boolean) {
    this.#clock = clock
    this.#commitsInOrder = commitsInOrder
  }

  /** What follows it has not been read. */
  get position(): number {
    return this.#position
  }

  /**
   * How often everything was to be read again: what was read meanwhile is out of date. The position alone does not tell, when that read
   * began at the first row itself.
   */
  get starts(): number {
    return this.#starts
  }

  /** Whether what is read now may have been read before. */
  get scanning(): boolean {
    return this.#scan !== undefined
  }

  /** Where something may have been committed late, when what follows `position` was read; `undefined` when nothing can. */
  get passed(): Passed | undefined {
    const [after, upTo] = [this.#lastButOne, this.#position]
    return this.#commitsInOrder() || after >= upTo ? undefined : { after, upTo }
  }

  /** Before a read: goes back, where it is time to. Resolves with whether a scan from the head begins. */
  begin(): boolean {
    if (this.#scan) return false
    const now = this.#clock.monotonic()
    const upTo = this.#position
    if (now >= this.#nextHead) {
      this.#scan = { upTo, fromHead: true, costMs: 0 }
      this.#position = 0
      this.#lastButOne = this.#last
      this.#last = upTo
      return true
    }
    if (!this.#commitsInOrder() && now >= this.#nextBack && this.#lastButOne < upTo) {
      this.#scan = { upTo, fromHead: false, costMs: 0 }
      this.#position = this.#lastButOne
    }
    return false
  }

  /** After a read: up to where it came, whether there is more, and what it has cost. */
  end(position: number, more: boolean, costMs: number): void {
    this.#position = position
    const scan = this.#scan
    if (!scan) return
    scan.costMs += costMs
    if (more && position < scan.upTo) return
    this.#scan = undefined
    // There may be nothing left of what was read before.
    this.#position = Math.max(position, scan.upTo)
    const now = this.#clock.monotonic()
    this.#nextBack = now + Math.max(backEveryMs, scanShare * scan.costMs)
    if (scan.fromHead) this.#nextHead = now + Math.max(headEveryMs, scanShare * scan.costMs)
  }

  /** Everything is to be read again: what belongs to this reader has changed. */
  startOver(): void {
    this.#starts++
    this.#position = 0
  }

  /** What follows `position` is to be read again. */
  rewind(position: number): void {
    this.#position = Math.min(this.#position, position)
  }
}
