import { type CacheOptions, type CacheService, cacheType } from '../cache/index.ts'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'

export interface CacheHarness extends AsyncDisposable {
  /** A cache of one more process over the same store, bus and locks, with nothing in its memory; stopped with the harness. */
  join(options?: JoinOptions): Promise<CacheService>
  /** Of the first that has joined: its connections to store, bus and locks. Needs the capability `faults`. */
  readonly faults?: {
    /** Nobody answers any more, while connections stay open. */
    sever(): void
    restore(): void
  }
}

export type JoinOptions = Omit<CacheOptions, 'store' | 'bus' | 'locks'>

/** What an adapter, which is a store with a bus and locks, offers. */
export interface CacheContractCapabilities {
  /** Those that have joined share a store, and are told of changes. */
  readonly shared: boolean
  /** The harness can break connections. */
  readonly faults: boolean
}

export type CacheCase = ContractCase<CacheHarness>

/** Waits for what will surely come; the runner's time limit is the only one. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(2)
}

/** Waits until what was kept under the key is not fresh any more. */
export const expired = (cache: CacheService, key: string): Promise<void> =>
  until(async () => !(await cache.has(key)))

/** A load that counts its calls and gives their number, once it may. */
export function counting(gate: Promise<unknown> = Promise.resolve()) {
  const load = async () => {
    const call = ++load.calls
    await gate
    return call
  }
  load.calls = 0
  return load
}

/** A load that goes on until it is told how to end. */
export function held<T>() {
  const begun = Promise.withResolvers<AbortSignal>()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  let calls = 0
  return {
    load: ({ signal }: { readonly signal: AbortSignal }) => {
      calls++
      begun.resolve(signal)
      return promise
    },
    begun: begun.promise,
    get calls() {
      return calls
    },
    ...{ resolve, reject },
  }
}

export class Money {
  readonly cents: bigint
  readonly currency: string

  constructor(cents: bigint, currency: string) {
    this.cents = cents
    this.currency = currency
  }
}

export const money = cacheType({
  name: 'money',
  class: Money,
  encode: ({ cents, currency }) => ({ cents, currency }),
  decode: ({ cents, currency }) => new Money(cents, currency),
})

/** Every type that can be kept, and values that are easily lost. */
export function everything() {
  return {
    ...{ text: 'a\u0000\n"ü😀', half: '\ud83d', empty: '', yes: true, nothing: null, absent: undefined },
    ...{ zero: 0, negativeZero: -0, notANumber: Number.NaN, endless: Number.NEGATIVE_INFINITY, tiny: 5e-324 },
    ...{ big: -(2n ** 80n), date: new Date(1_700_000_000_123), invalid: new Date(Number.NaN) },
    map: new Map<unknown, unknown>([
      [{ a: 1 }, new Set([1n, undefined])],
      ['b', new Map([[1, [new Date(5)]]])],
    ]),
    set: new Set(['a', 1, Number.NaN]),
    ...{ bytes: Uint8Array.of(0, 255, 128), buffer: Buffer.from('shop'), raw: Uint8Array.of(1, 2).buffer },
    ...{
      shorts: new Int16Array([-1, 32_767]),
      doubles: new Float64Array([0.1, -0]),
      longs: new BigInt64Array([-5n]),
    },
    part: new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2),
    ...{ pattern: /a\/b/giu, address: new URL('https://shop.example/?a=1#b'), price: new Money(199n, 'EUR') },
    ...{ list: [1, [undefined, null], { deep: [new Money(0n, '')] }], none: [], record: {} },
    ...{ '~': ['Date', 5], toJSON: 'text', '': 1, 'a.b': { '~': 1 } },
    bare: Object.assign(Object.create(null) as object, { a: new Date(1) }),
    ...(JSON.parse('{"__proto__":{"polluted":true}}') as object),
  }
}
