import { redacted } from '../runtime/redacted.ts'
import { errorFields } from './error-fields.ts'

/** What a value may cost at most; beyond it, a note stands for the rest. */
const limits = { depth: 8, items: 100, nodes: 2_000, characters: 8_192 } as const

export interface SanitizerOptions {
  /** Takes secrets out of text. */
  readonly text: (text: string) => string
  readonly sensitive: (name: string, around: readonly string[]) => boolean
}

/** Makes fields fit to be written. */
export interface Sanitizer {
  text(text: string): string
  /** Adds sanitized copies of `fields` to `target`. */
  fields(fields: Readonly<Record<string, unknown>>, target: Record<string, unknown>): void
}

/**
 * Turns any value into what JSON can hold: without secrets, cycles, functions and big integers; in bounded size; and whatever its getters do.
 */
export function createSanitizer({ text: redactText, sensitive }: SanitizerOptions): Sanitizer {
  return { text, fields }

  function text(value: string): string {
    if (value.length <= limits.characters) return redactText(value)
    // Redacted before it is cut: half of a secret would not be found.
    return `${redactText(value).slice(0, limits.characters)}… (${value.length} characters)`
  }

  function fields(given: Readonly<Record<string, unknown>>, target: Record<string, unknown>): void {
    const walk: Walk = { path: [], ancestors: [given], nodes: 0 }
    for (const name of Object.keys(given)) {
      const value = member(given, name, walk)
      if (value !== undefined) target[reserved.has(name) ? `${name}_` : text(name)] = value
    }
  }

  function member(holder: object, name: string, walk: Walk): unknown {
    if (sensitive(name, walk.path)) return redacted
    let value: unknown
    try {
      value = (holder as Record<string, unknown>)[name]
      if (typeof value !== 'object' || value === null) return scalar(value)
      walk.path.push(name)
      const result = structure(value, walk)
      walk.path.pop()
      return result
    } catch {
      return '[unreadable]'
    }
  }

  function scalar(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return text(value)
      case 'number':
        return Number.isFinite(value) ? value : String(value)
      case 'bigint':
        return String(value)
      case 'symbol':
        return text(String(value))
      case 'function':
        return '[function]'
      default:
        return value
    }
  }

  function structure(value: object, walk: Walk): unknown {
    if (walk.ancestors.includes(value)) return '[circular]'
    if (walk.ancestors.length > limits.depth) return '[too deep]'
    if (++walk.nodes > limits.nodes) return '[too much]'
    const pathLength = walk.path.length
    walk.ancestors.push(value)
    try {
      return inside(value, walk)
    } finally {
      walk.ancestors.pop()
      walk.path.length = pathLength
    }
  }

  function inside(value: object, walk: Walk): unknown {
    if (value instanceof Error) return object(errorFields(value), walk)
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (Array.isArray(value)) return array(value, walk)
    if (value instanceof Map) return object(Object.fromEntries(value), walk)
    if (value instanceof Set) return array([...value], walk)
    if ('reveal' in value && typeof value.reveal === 'function') return redacted
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      const plain: unknown = value.toJSON()
      return typeof plain === 'object' && plain !== null ? structure(plain, walk) : scalar(plain)
    }
    return object(value, walk)
  }

  function array(items: readonly unknown[], walk: Walk): unknown[] {
    const shown = items
      .slice(0, limits.items)
      .map(item =>
        typeof item === 'object' && item !== null ? structure(item, walk) : (scalar(item) ?? null),
      )
    return items.length > limits.items ? [...shown, `[${items.length - limits.items} more]`] : shown
  }

  function object(value: object, walk: Walk): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    const names = Object.keys(value)
    for (const name of names.slice(0, limits.items)) {
      const clean = member(value, name, walk)
      // Defined, not assigned: a field may be called `__proto__`.
      if (clean !== undefined)
        Object.defineProperty(result, text(name), { value: clean, enumerable: true, configurable: true })
    }
    if (names.length > limits.items) result['…'] = `[${names.length - limits.items} more]`
    return result
  }
}

/** A walk through one record. */
interface Walk {
  readonly path: string[]
  readonly ancestors: object[]
  nodes: number
}

const reserved: ReadonlySet<string> = new Set(['level', 'time', 'message'])
