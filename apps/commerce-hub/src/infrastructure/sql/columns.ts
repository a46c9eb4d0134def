import type { Line } from '../../domain/line.ts'
import { Money } from '../../domain/money.ts'
import { ShopError } from '../../domain/shop-error.ts'
import type { LineTable } from './schema.ts'

/** The thousandths of an amount as they stand in a column; an amount beyond what a number holds exactly is refused. */
export function units(amount: Money): number {
  const value = Number(amount.units)
  if (Number.isSafeInteger(value)) return value
  throw new ShopError('invalid_amount', `${amount} is more than this shop can handle.`)
}

export function lineRow(line: Line): LineTable {
  const { position, sku, name, unitPrice, quantity } = line
  return { position, sku, name, unit_price: units(unitPrice), currency: unitPrice.currency, quantity }
}

export function lineOf(row: LineTable): Line {
  const { position, sku, name, unit_price, currency, quantity } = row
  return { position, sku, name, unitPrice: Money.of(unit_price, currency), quantity }
}
