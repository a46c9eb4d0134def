interface Entry {
  readonly seq: number
  readonly dueAt: number
}

/** What has to wait, by the moment it is due: a binary heap, as there may be very many after an outage. */
export class DueQueue {
  readonly #heap: Entry[] = []
  readonly #members = new Set<number>()

  has(seq: number): boolean {
    return this.#members.has(seq)
  }

  add(seq: number, dueAt: number): void {
    this.#members.add(seq)
    const heap = this.#heap
    let at = heap.push({ seq, dueAt }) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.dueAt <= heap[at]!.dueAt) break
      swap(heap, at, parent)
      at = parent
    }
  }

  /** When the first is due; `Infinity` when there is none. */
  next(): number {
    return this.#heap[0]?.dueAt ?? Infinity
  }

  /** Takes at most `limit` that are due at `now`, the longest due first. */
  take(now: number, limit: number): number[] {
    const due: number[] = []
    while (due.length < limit && this.next() <= now) due.push(this.#pop())
    return due
  }

  clear(): void {
    this.#heap.length = 0
    this.#members.clear()
  }

  #pop(): number {
    const heap = this.#heap
    const { seq } = heap[0]!
    const last = heap.pop()!
    if (heap.length > 0) {
      heap[0] = last
      let at = 0
      for (;;) {
        const left = 2 * at + 1
        if (left >= heap.length) break
        const right = left + 1
        const least = right < heap.length && heap[right]!.dueAt < heap[left]!.dueAt ? right : left
        if (heap[at]!.dueAt <= heap[least]!.dueAt) break
        swap(heap, at, least)
        at = least
      }
    }
    this.#members.delete(seq)
    return seq
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const entry = heap[a]!
  heap[a] = heap[b]!
  heap[b] = entry
}
