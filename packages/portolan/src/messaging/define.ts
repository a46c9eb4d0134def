import type { MessageType } from '../ports/messages.ts'
import type { Schema, SchemaOutput } from '../ports/schema.ts'
import { checkVersions } from '../runtime/upcasting.ts'
import { requireName } from './naming.ts'

export interface MessageDefinition<S extends Schema> {
  /** 1, 2, 3, …: raise it when the shape of the data changes. */
  readonly version: number
  /** What the data must look like. Checked when it is published and before it is handled. */
  readonly schema: S
  /** Lifts data of version `n` to `n + 1`; the key is `n`. */
  readonly upcasters?: Readonly<Record<number, (data: unknown) => unknown>>
}

/** Characters: as many as an index of every database takes. */
export const longestName = 200

/**
 * Defines a kind of message. Pure: for the application layer.
 *
 * @example
 * export const OrderPlaced = defineMessage('shop.order.placed', {
 *   version: 2,
 *   schema: z.object({ orderId: z.string(), currency: z.string() }),
 *   upcasters: { 1: data => ({ ...(data as object), currency: 'GBP' }) },
 * })
 *
 * @throws InfrastructureError `invalid_argument` for a name that not every broker takes, a version that is no whole number of
 * 1 or more, or an upcaster that leads nowhere.
 */
export function defineMessage<const Name extends string, S extends Schema>(
  name: Name,
  { version, schema, upcasters = {} }: MessageDefinition<S>,
): MessageType<SchemaOutput<S>, Name> {
  requireName('message', name, longestName, 'shop.order.placed')
  checkVersions(`message '${name}'`, version, upcasters)
  return Object.freeze({
    kind: 'message',
    name,
    version,
    schema: schema as Schema<SchemaOutput<S>>,
    upcasters: Object.freeze({ ...upcasters }),
  })
}
