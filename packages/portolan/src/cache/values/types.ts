import { InfrastructureError } from '../../ports/errors.ts'

/** A class whose instances can be kept. */
export interface CacheType {
  /** Under which it is stored: must not change. */
  readonly name: string
  readonly version: number
  readonly prototype: object
  /** Whether its instances never change, so that all callers may share one. */
  readonly immutable: boolean
  encode(value: object): unknown
  decode(data: unknown, version: number): object
}

export interface CacheTypeOptions<T extends object, Data> {
  readonly name: string
  /** Its constructor. Subclasses are types of their own. */
  readonly class: { readonly prototype: T }
  /** Of what `encode` gives. Default 1. */
  readonly version?: number
  /** Its instances never change, so that all callers may share one. Default `false`. */
  readonly immutable?: boolean
  /** Anything that can be kept itself. */
  encode(value: T): Data
  /** `version` is that of the `encode` that wrote `data`. What it throws makes the entry a miss. */
  decode(data: Data, version: number): T
}

/**
 * Tells the cache how to keep the instances of a class.
 *
 * @example
 * const money = cacheType({
 *   name: 'money',
 *   class: Money,
 *   encode: ({ cents, currency }) => [cents, currency] as const,
 *   decode: ([cents, currency]) => new Money(cents, currency),
 * })
 * const cache = createCache({ types: [money] })
 */
export function cacheType<T extends object, Data>(options: CacheTypeOptions<T, Data>): CacheType {
  const { name, version = 1, immutable = false } = options
  return {
    ...{ name, version, immutable, prototype: options.class.prototype },
    encode: value => options.encode(value as T),
    decode: (data, from) => options.decode(data as Data, from),
  }
}

/** The registered classes, by what is at hand. */
export class CacheTypes {
  readonly #byPrototype = new Map<object, CacheType>()
  readonly #byName = new Map<string, CacheType>()

  constructor(types: readonly CacheType[]) {
    for (const type of types) {
      if (this.#byName.has(type.name) || this.#byPrototype.has(type.prototype))
        throw new InfrastructureError('invalid_argument', `The class '${type.name}' is registered twice.`)
      this.#byPrototype.set(type.prototype, type)
      this.#byName.set(type.name, type)
    }
  }

  of(prototype: object): CacheType | undefined {
    return this.#byPrototype.get(prototype)
  }

  named(name: string): CacheType | undefined {
    return this.#byName.get(name)
  }
}
