import type { KafkaRecord, RecordsBatch } from '@platformatic/kafka'

const isTransactional = 1 << 4
const isControl = 1 << 5

export interface Entry {
  readonly offset: bigint
  readonly record: KafkaRecord
}

/** A transaction of somebody else that was taken back. */
export interface Aborted {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/**
 * How far a group has come in one partition of a topic. Its position, which may be committed, never passes an entry that is not
 * finished, in whatever order they are.
 */
export class Progress {
  /** The next to be fetched. */
  #next: bigint
  /** Fetched and not finished, in the order of their offsets. */
  readonly #unfinished = new Set<bigint>()
  readonly #waiting: Entry[] = []
  committed: bigint | undefined

  constructor(start: bigint) {
    this.#next = start
  }

  get next(): bigint {
    return this.#next
  }

  /** Everything before it is finished. */
  get position(): bigint {
    const [first = this.#next] = this.#unfinished
    return first
  }

  /** Fetched and not handed out. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** What waits when the partition ends at `end`, what is in hand included. */
  remaining(end: bigint): number {
    return Math.max(0, Number(end - this.#next)) + this.#unfinished.size
  }

  add(batches: readonly RecordsBatch[], aborted: readonly Aborted[]): void {
    const takenBack = new Set<bigint>()
    const coming = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset))
    for (const { firstOffset, lastOffsetDelta, attributes, producerId, records } of batches) {
      const last = firstOffset + BigInt(lastOffsetDelta)
      while (coming[0] && coming[0].firstOffset <= last) takenBack.add(coming.shift()!.producerId)
      if (attributes & isControl) takenBack.delete(producerId)
      else if (!(attributes & isTransactional && takenBack.has(producerId)))
        this.#addRecords(firstOffset, records)
      if (last >= this.#next) this.#next = last + 1n
    }
  }

  take(): Entry | undefined {
    return this.#waiting.shift()
  }

  finish(offset: bigint): void {
    this.#unfinished.delete(offset)
  }

  #addRecords(firstOffset: bigint, records: readonly KafkaRecord[]): void {
    for (const record of records) {
      const offset = firstOffset + BigInt(record.offsetDelta)
      // A batch comes as a whole, also when it was asked for from its middle.
      if (offset < this.#next) continue
      this.#unfinished.add(offset)
      this.#waiting.push({ offset, record })
    }
  }
}
