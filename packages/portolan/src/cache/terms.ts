import type { Random } from '../ports/identity.ts'
import type { Terms } from './memory/entry.ts'
import { freshFor, noTags, type Policy } from './policy.ts'
import type { Frame } from './shared/frame.ts'

/** How the keys and tags of a namespace are called in the store, where all share one space. No two alike: a path holds none of `:` and `*`. */
export class Names {
  /** Stands for all of the namespace. */
  readonly all: string
  readonly #begin: string
  /** Those of all that it is in, and its own. */
  readonly #around: readonly string[]

  constructor(path: string) {
    this.#begin = `${path}:`
    this.all = `${path}*`
    const parts = path === '' ? [] : path.split('/')
    this.#around = ['*', ...parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}*`)]
  }

  key(key: string): string {
    return this.#begin + key
  }

  tag(tag: string): string {
    return this.#begin + tag
  }

  /** All whose deletion deletes what has these tags. */
  tags(tags: readonly string[]): readonly string[] {
    return tags.length === 0 ? this.#around : [...this.#around, ...tags.map(tag => this.tag(tag))]
  }

  /** The tags of the namespace itself, of such a list. */
  own(tags: readonly string[]): readonly string[] {
    const own = tags.filter(tag => tag.startsWith(this.#begin))
    return own.length === 0 ? noTags : own.map(tag => tag.slice(this.#begin.length))
  }
}

export function termsOf(
  value: unknown,
  policy: Policy,
  now: number,
  random: Random,
  given: { readonly etag?: string | undefined; readonly lastModified?: string | undefined } = {},
): Terms {
  const freshMs = freshFor(value, policy, random)
  const eagerMs = policy.eager === 1 || freshMs === Infinity ? freshMs : freshMs * policy.eager
  return {
    freshUntil: Math.floor(now + freshMs),
    goneAt: Math.floor(now + freshMs + policy.staleMs),
    eagerAt: Math.floor(now + eagerMs),
    tags: policy.tags,
    etag: given.etag,
    lastModified: given.lastModified,
  }
}

/** As the store keeps them: in whole milliseconds, too, which take less room and time to write and read. */
export function frameOf(terms: Terms, now: number, names: Names): Frame {
  const from = Math.ceil(now)
  return {
    freshMs: terms.freshUntil - from,
    goneMs: terms.goneAt - from,
    eagerMs: terms.eagerAt - from,
    tags: names.tags(terms.tags),
    etag: terms.etag,
    lastModified: terms.lastModified,
  }
}

/** As they were kept `ageMs` ago. */
export function termsFrom(frame: Frame, ageMs: number, now: number, names: Names): Terms {
  const at = now - ageMs
  return {
    freshUntil: Math.floor(at + frame.freshMs),
    goneAt: Math.floor(at + frame.goneMs),
    eagerAt: Math.floor(at + frame.eagerMs),
    tags: names.own(frame.tags),
    etag: frame.etag,
    lastModified: frame.lastModified,
  }
}
