import { InfrastructureError } from '../../ports/errors.ts'
import { builtInName, builtIns } from './built-in.ts'
import { type Copier, Copiers } from './copiers.ts'
import { isPlain } from './plain.ts'
import { type CacheType, CacheTypes } from './types.ts'

/**
 * How callers have values of their own: `copied`: each gets a copy. `frozen`: all share one, deeply frozen; what holds something that cannot be frozen
 * (dates, maps, sets, bytes, classes) is copied. `shared`: all share the one that was given, and whoever changes it changes it for all.
 */
export type Aliasing = 'copied' | 'frozen' | 'shared'

/** A value as the memory keeps it. */
export interface Kept {
  readonly value: unknown
  /** Whether callers may have this very one. */
  readonly fixed: boolean
  /** About so many bytes. */
  readonly size: number
}

/** Checks, measures and copies what is to be kept. */
export class Values {
  readonly types: CacheTypes
  /** Of a value that was checked, step by step. */
  readonly copy: Copier = value => this.#copy(value)
  readonly #aliasing: Aliasing
  readonly #copiers = new Copiers(this.copy)

  constructor(types: readonly CacheType[], aliasing: Aliasing) {
    this.types = new CacheTypes(types)
    this.#aliasing = aliasing
  }

  /** @throws InfrastructureError `invalid_argument` that names where in the value something cannot be kept. */
  keep(value: unknown): Kept {
    if (isPlain(value)) return { value, fixed: true, size: primitiveSize(value) }
    const size = this.#measure(value, new Trail())
    if (this.#aliasing === 'shared') return { value, fixed: true, size }
    return this.own(this.copy(value), size)
  }

  /** Of a value that nobody else has. */
  own(value: unknown, size: number): Kept {
    if (this.#aliasing === 'copied') return { value, fixed: isPlain(value), size }
    return { value, fixed: this.#aliasing === 'shared' || this.#freeze(value), size }
  }

  /** Copies this very value, of which many copies are wanted. It must not change. */
  copierOf(value: unknown): Copier {
    return this.#copiers.of(value)
  }

  #copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return this.#copyArray(value)
    const prototype = Object.getPrototypeOf(value) as object | null
    if (prototype === Object.prototype || prototype === null) return this.#copyRecord(value, prototype)
    if (prototype === Map.prototype)
      return new Map(Array.from(value as Map<unknown, unknown>, ([k, v]) => [this.copy(k), this.copy(v)]))
    if (prototype === Set.prototype)
      return new Set(Array.from(value as Set<unknown>, each => this.copy(each)))
    const name = builtInName(prototype)
    if (name !== undefined) return builtIns[name]!.copy(value)
    const type = this.types.of(prototype)!
    return type.immutable ? value : type.decode(this.copy(type.encode(value)), type.version)
  }

  /** All at once, and then what is inside: engines copy an object of a known form much faster than its members one by one. */
  #copyRecord(value: object, prototype: object | null): object {
    const copy: Record<string, unknown> = { ...value }
    for (const key in copy) {
      const each = copy[key]
      if (typeof each !== 'object' || each === null) continue
      const own = this.copy(each)
      if (key === '__proto__') define(copy, key, own)
      else copy[key] = own
    }
    return prototype === null ? Object.setPrototypeOf(copy, null) : copy
  }

  #copyArray(value: readonly unknown[]): unknown[] {
    const copy = value.slice()
    for (let at = 0; at < copy.length; at++) {
      const each = copy[at]
      if (typeof each === 'object' && each !== null) copy[at] = this.copy(each)
      // Not left out, as what comes from the store would not be.
      else if (each === undefined) copy[at] = undefined
    }
    return copy
  }

  /** Whether nothing in it can change now. */
  #freeze(value: unknown): boolean {
    if (isPlain(value)) return true
    const prototype = Object.getPrototypeOf(value) as object | null
    if (prototype !== Object.prototype && prototype !== null && prototype !== Array.prototype)
      return this.types.of(prototype)?.immutable === true
    let fixed = true
    for (const each of Object.values(value as object)) fixed = this.#freeze(each) && fixed
    Object.freeze(value)
    return fixed
  }

  /** About how many bytes it takes. */
  #measure(value: unknown, trail: Trail): number {
    if (isPlain(value)) return primitiveSize(value)
    if (typeof value !== 'object') throw trail.refused(`a ${typeof value} cannot be kept`)
    const prototype = Object.getPrototypeOf(value) as object | null
    const name = prototype && builtInName(prototype)
    if (name) return builtIns[name]!.sizeOf(value!)
    if (trail.above.includes(value!)) throw trail.refused('it is inside of itself')
    trail.above.push(value!)
    const size = this.#measureInside(value!, prototype, trail)
    trail.above.pop()
    return size
  }

  #measureInside(value: object, prototype: object | null, trail: Trail): number {
    if (prototype === Object.prototype || prototype === null) {
      if (Object.getOwnPropertySymbols(value).length > 0) throw trail.refused('it has a key that is a symbol')
      let size = 32
      for (const key of Object.keys(value))
        size += 8 + this.#step((value as Record<string, unknown>)[key], key, trail)
      return size
    }
    if (prototype === Array.prototype) {
      const array = value as readonly unknown[]
      let size = 32
      for (let at = 0; at < array.length; at++) size += 8 + this.#step(array[at], at, trail)
      return size
    }
    if (prototype === Map.prototype) {
      let size = 100
      for (const [key, each] of value as ReadonlyMap<unknown, unknown>)
        size +=
          40 +
          this.#step(key, '(key)', trail) +
          this.#step(each, isPlain(key) ? String(key) : '(value)', trail)
      return size
    }
    if (prototype === Set.prototype) {
      let size = 100
      for (const each of value as ReadonlySet<unknown>) size += 40 + this.#step(each, '(member)', trail)
      return size
    }
    const type = this.types.of(prototype)
    if (type) return 32 + this.#step(type.encode(value), `(${type.name})`, trail)
    const known = (prototype.constructor as { name?: string } | undefined)?.name
    throw trail.refused(
      `the class ${known || 'without a name'} is not registered. Pass it as types: [cacheType({ … })]`,
    )
  }

  #step(value: unknown, step: string | number, trail: Trail): number {
    // Most are no objects, and cannot be refused.
    if (isPlain(value)) return primitiveSize(value)
    trail.steps.push(step)
    const size = this.#measure(value, trail)
    trail.steps.pop()
    return size
  }
}

/** Where in a value one is. */
class Trail {
  readonly above: object[] = []
  readonly steps: (string | number)[] = []

  refused(why: string): InfrastructureError {
    let path = 'value'
    for (const step of this.steps) {
      if (typeof step === 'number') path += `[${step}]`
      else path += /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
    }
    return new InfrastructureError('invalid_argument', `${path}: ${why}.`, { details: { path } })
  }
}

/** Also `__proto__`, which an assignment would take for something else. */
export function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

function primitiveSize(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length
  return typeof value === 'bigint' ? 32 : 8
}
