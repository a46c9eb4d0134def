import type { Amount } from '../ports/payment-gateway.ts'
import { invalid } from './limits.ts'

/** The decimal text of an amount, as in `12.345`; digits after the point are kept, zeros too. */
export function decimalText({ units, scale }: Pick<Amount, 'units' | 'scale'>): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const sign = units < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** The amount that decimal text stands for, `undefined` when it is none. */
export function parseAmount(text: string, currency: string): Amount | undefined {
  const match = /^(-?)(\d{1,30})(?:\.(\d{1,12}))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole, fraction = ''] = match
  return { units: BigInt(sign! + whole! + fraction), scale: fraction.length, currency }
}

/** Fails with `invalid_argument` unless money of this amount can change hands. */
export function checkAmount({ units, scale, currency }: Amount): void {
  if (units <= 0n) throw invalid('amount.units', 'is not above zero')
  if (!Number.isInteger(scale) || scale < 0 || scale > 12)
    throw invalid('amount.scale', 'is not from 0 to 12')
  if (!/^[A-Z]{3}$/.test(currency)) throw invalid('amount.currency', "is no ISO 4217 code such as 'GBP'")
}
