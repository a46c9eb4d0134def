import type { Copier } from '../values/copiers.ts'
import type { Values } from '../values/values.ts'

/**
 * What is known of a value, wherever it is kept. Times are on the monotonic clock of this process, in whole milliseconds: engines keep small whole
 * numbers in their place, and make an object of each other one.
 */
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

/** There are many of them, so it is one object with few fields. */
export class Entry implements Omit<Terms, 'eagerAt'> {
  readonly key: string
  readonly value: unknown
  /** Callers may have the value itself. */
  readonly fixed: boolean
  readonly size: number
  readonly freshUntil: number
  readonly goneAt: number
  readonly tags: readonly string[]
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  /** The sequence of its scope when its load began: changes with a higher one are newer than it. */
  born: number
  /** The epoch of its scope in which it was found to be valid. */
  epoch: number
  /** Until then, in that epoch, it is given without another thought. */
  readyUntil: number
  /** Instead of a value. */
  readonly failure: { readonly error: unknown } | undefined
  /** Of `fixed`: the promise that is given to all, made once it is asked for. Of what is not: made once it is asked for again. */
  #giver: Promise<unknown> | Copier | undefined
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
    this.freshUntil = terms.freshUntil
    this.goneAt = terms.goneAt
    this.tags = terms.tags
    this.etag = terms.etag
    this.lastModified = terms.lastModified
    this.born = born
    this.epoch = epoch
    // What failed is never given on the short way.
    this.readyUntil = failure ? -1 : terms.eagerAt
    this.failure = failure
    this.#giver = undefined
    this.shelf = undefined
    this.newer = undefined
    this.older = undefined
  }

  /** The value, for one caller. */
  give(values: Values): Promise<unknown> {
    if (!this.fixed) return Promise.resolve(this.own(values))
    this.#giver ??= Promise.resolve(this.value)
    return this.#giver as Promise<unknown>
  }

  /** As `give`, where there is a promise already: one more takes three turns. */
  own(values: Values): unknown {
    if (this.fixed) return this.value
    if (this.visited) this.#giver ??= values.copierOf(this.value)
    const copy = (this.#giver ?? values.copy) as Copier
    return copy(this.value)
  }
}
