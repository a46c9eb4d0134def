import type { Copier } from '../values/copiers.ts'
import type { Values } from '../values/values.ts'

/** What is known of a value, wherever it is kept. Times are on the monotonic clock of this process. */
export interface Terms {
  readonly freshUntil: number
  /** After it, it may not even stand in for a load that failed. */
  readonly goneAt: number
  /** When it is to be loaded anew although it is fresh; as `freshUntil` where it is not. */
  readonly eagerAt: number
  readonly tags: readonly string[]
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

/** Where entries are found by their key. */
export type Shelf = Map<string, Entry>

export class Entry {
  readonly key: string
  readonly value: unknown
  /** Callers may have the value itself. */
  readonly fixed: boolean
  readonly size: number
  readonly terms: Terms
  /** The sequence of its scope when its load began: changes with a higher one are newer than it. */
  born: number
  /** The epoch of its scope in which it was found to be valid. */
  epoch: number
  /** Until then, in that epoch, it is given without another thought. */
  readyUntil: number
  /** Instead of a value. */
  readonly failure: { readonly error: unknown } | undefined
  /** Of `fixed`: made once it is asked for, and given to all. */
  promise: Promise<unknown> | undefined
  /** Of what is not: made once it is asked for again. */
  copier: Copier | undefined
  // As a member of the pool.
  visited = false
  shelf: Shelf | undefined
  newer: Entry | undefined
  older: Entry | undefined

  constructor(
    key: string,
    kept: { readonly value: unknown; readonly fixed: boolean; readonly size: number },
    terms: Terms,
    born: number,
    epoch: number,
    failure?: { readonly error: unknown },
  ) {
    this.key = key
    this.value = kept.value
    this.fixed = kept.fixed
    this.size = kept.size
    this.terms = terms
    this.born = born
    this.epoch = epoch
    // What failed is never given on the short way.
    this.readyUntil = failure ? -Infinity : terms.eagerAt
    this.failure = failure
    this.promise = undefined
    this.copier = undefined
    this.shelf = undefined
    this.newer = undefined
    this.older = undefined
  }

  /** The value, for one caller. */
  give(values: Values): Promise<unknown> {
    if (this.fixed) {
      this.promise ??= Promise.resolve(this.value)
      return this.promise
    }
    if (this.visited) this.copier ??= values.copierOf(this.value)
    return Promise.resolve((this.copier ?? values.copy)(this.value))
  }
}
