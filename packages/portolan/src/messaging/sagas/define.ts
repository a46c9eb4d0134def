import type { SagaType } from '../../ports/sagas.ts'
import type { Schema, SchemaOutput } from '../../ports/schema.ts'
import { checkVersions } from '../../runtime/upcasting.ts'
import { requireName } from '../naming.ts'

export interface SagaDefinition<S extends Schema, Step extends string, Timeout extends string> {
  /** 1, 2, 3, …: raise it when the shape of the state changes. */
  readonly version: number
  /** What the state must look like, as JSON. Checked when it is loaded and before it is saved. */
  readonly state: S
  /** Lifts the state of version `n` to `n + 1`; the key is `n`. Sagas that run lift theirs when their next message comes. */
  readonly upcasters?: Readonly<Record<number, (state: unknown) => unknown>>
  /** What may have to be undone, by name. */
  readonly steps?: readonly Step[]
  /** What may take too long, by name. */
  readonly timeouts?: readonly Timeout[]
}

const longestName = 180

/**
 * Defines a kind of saga. Pure: for the application layer.
 *
 * @example
 * export const Checkout = defineSaga('shop.checkout', {
 *   version: 1,
 *   state: z.object({ orderId: z.string(), paymentId: z.string().optional() }),
 *   steps: ['stock', 'payment'],
 *   timeouts: ['payment'],
 * })
 *
 * @throws InfrastructureError `invalid_argument` for a name that does not fit, a version that is no whole number of 1 or more, or
 * an upcaster that leads nowhere.
 */
export function defineSaga<
  const Name extends string,
  S extends Schema,
  const Step extends string = never,
  const Timeout extends string = never,
>(
  name: Name,
  { version, state, upcasters = {}, steps = [], timeouts = [] }: SagaDefinition<S, Step, Timeout>,
): SagaType<SchemaOutput<S>, Step, Timeout, Name> {
  requireName('saga', name, longestName, 'shop.checkout')
  checkVersions(`saga '${name}'`, version, upcasters)
  return Object.freeze({
    kind: 'saga',
    name,
    version,
    state: state as Schema<SchemaOutput<S>>,
    upcasters: Object.freeze({ ...upcasters }),
    steps: Object.freeze([...steps]),
    timeouts: Object.freeze([...timeouts]),
  })
}
