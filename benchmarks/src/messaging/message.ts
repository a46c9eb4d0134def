import { randomUUID } from 'node:crypto'
import { defineMessage, type Schema } from 'portolan'

/** What every contender publishes: about 1 KB as JSON. */
export interface Placed {
  readonly n: number
  readonly text: string
}

const text = 'An order of ten lines, with its customer, their address and what it comes to. '
  .repeat(13)
  .slice(0, 985)

export const placed = (n: number): Placed => ({ n, text })

/** As many as are busy in a shop at one time. */
const keys = 1_000

export const keyOf = (n: number): string => `order-${n % keys}`

/** Without a library: what a schema costs is not what is measured. */
const schema: Schema<Placed> = {
  '~standard': {
    version: 1,
    vendor: 'portolan-bench',
    validate: value => (isPlaced(value) ? { value } : { issues: [{ message: 'expected n and text' }] }),
  },
}

export const OrderPlaced = defineMessage('bench.order.placed', { version: 1, schema })

function isPlaced(value: unknown): value is Placed {
  const { n, text } = (value ?? {}) as Partial<Placed>
  return typeof n === 'number' && typeof text === 'string'
}

/** The message as those send it who make their own envelope. */
export interface Sent {
  readonly id: string
  readonly key: string
  readonly payload: string
}

export const sent = (n: number): Sent => ({
  id: randomUUID(),
  key: keyOf(n),
  payload: JSON.stringify(placed(n)),
})

export const numberIn = (payload: string): number => (JSON.parse(payload) as Placed).n

export const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i)
