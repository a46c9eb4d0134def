import { Money, sum } from './money.ts'
import { ShopError } from './shop-error.ts'

/** More than any shelf holds; keeps a slip of the finger from becoming an order. */
export const maxQuantity = 999_999
/** More than anybody spends here; whatever adds orders up stays exact. */
const maxTotal = Money.parse('1000000000')

/** So many of a product at a price: a line of a cart, an order or a refund. Immutable. */
export interface Line {
  /** 1, 2, 3, … within its document; the same product may stand on several lines, at different prices. */
  readonly position: number
  readonly sku: string
  readonly name: string
  readonly unitPrice: Money
  readonly quantity: number
}

export function lineTotal(line: Line): Money {
  return line.unitPrice.times(line.quantity)
}

export function linesTotal(lines: readonly Line[]): Money {
  return sum(lines.map(lineTotal))
}

/** How many of each product the lines hold together. */
export function quantitiesBySku(lines: readonly Pick<Line, 'sku' | 'quantity'>[]): Map<string, number> {
  const quantities = new Map<string, number>()
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity)
  return quantities
}

/**
 * What an order, or a refund, over these lines comes to.
 *
 * @throws ShopError `invalid_amount` when it is more than a billion.
 */
export function requireTotal(lines: readonly Line[]): Money {
  const total = linesTotal(lines)
  if (total.units <= maxTotal.units) return total
  throw new ShopError(
    'invalid_amount',
    `${total} is too much: ${maxTotal} is the most that we can handle at once.`,
  )
}

/** @throws ShopError `invalid_quantity` unless it is a whole number from 1 to `maxQuantity`. */
export function requireQuantity(quantity: number): void {
  if (Number.isInteger(quantity) && quantity >= 1 && quantity <= maxQuantity) return
  throw new ShopError(
    'invalid_quantity',
    `The quantity must be a whole number from 1 to ${maxQuantity.toLocaleString('en-GB')}.`,
  )
}
