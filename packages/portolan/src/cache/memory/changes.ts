import type { Entry } from './entry.ts'

/** Marks of tags beyond this are forgotten, the oldest half at once, with all that was loaded before them. */
const mostMarks = 10_000

/**
 * What has changed in a scope, in the order in which this process learned of it. Each deletion by tag raises the epoch; an entry is compared with
 * the marks of its tags once in each epoch, so that otherwise a hit compares one number.
 */
export class Changes {
  /** Counts changes: what began at a sequence is older than all that come after. */
  sequence = 0
  epoch = 0
  /** What is older has been deleted, whatever its tags. */
  #floor = 0
  /** What is older may have been changed by others without notice. */
  #doubt = 0
  readonly #marks = new Map<string, number>()

  /** A key was changed. */
  touch(): void {
    this.sequence++
  }

  mark(tag: string): void {
    this.#marks.delete(tag)
    this.#marks.set(tag, ++this.sequence)
    this.epoch++
    if (this.#marks.size > mostMarks) this.#forget()
  }

  /** All that is there is deleted. */
  markAll(): void {
    this.#floor = ++this.sequence
    this.#marks.clear()
    this.epoch++
  }

  /** Something may have been missed. */
  doubt(): void {
    this.#doubt = ++this.sequence
    this.epoch++
  }

  /** Whether the entry, or the tags of what is being loaded, were deleted after it began. */
  deleted(born: number, tags: readonly string[]): boolean {
    if (born < this.#floor) return true
    for (const tag of tags) {
      const at = this.#marks.get(tag)
      if (at !== undefined && at > born) return true
    }
    return false
  }

  doubtful(entry: Entry): boolean {
    return entry.born < this.#doubt
  }

  #forget(): void {
    let left = mostMarks / 2
    for (const [tag, at] of this.#marks) {
      if (left-- <= 0) break
      this.#marks.delete(tag)
      this.#floor = at
    }
  }
}
