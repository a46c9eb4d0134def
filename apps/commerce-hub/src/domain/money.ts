import { ShopError } from './shop-error.ts'
import { clip } from './text.ts'

/** Thousandths: what the shop's price lists are kept in. */
const scale = 3

/** An exact amount of one currency, in thousandths of its unit. Immutable. */
export class Money {
  readonly units: bigint
  readonly currency: string
  readonly scale = scale

  private constructor(units: bigint, currency: string) {
    this.units = units
    this.currency = currency
  }

  /** From thousandths. */
  static of(units: bigint | number, currency = 'GBP'): Money {
    return new Money(BigInt(units), currency)
  }

  static zero(currency = 'GBP'): Money {
    return new Money(0n, currency)
  }

  /** From decimal text such as `2.55`; more than three decimals are refused, never rounded. */
  static parse(text: string, currency = 'GBP'): Money {
    const match = /^(-?)(\d{1,12})(?:\.(\d{1,3})0*)?$/.exec(text)
    if (!match)
      throw new ShopError('invalid_amount', `'${clip(text, 40)}' is no amount with at most three decimals.`)
    const units = BigInt(match[2]! + (match[3] ?? '').padEnd(scale, '0'))
    return new Money(match[1] ? -units : units, currency)
  }

  plus(other: Money): Money {
    this.#mustMatch(other)
    return new Money(this.units + other.units, this.currency)
  }

  minus(other: Money): Money {
    this.#mustMatch(other)
    return new Money(this.units - other.units, this.currency)
  }

  times(quantity: number): Money {
    return new Money(this.units * BigInt(quantity), this.currency)
  }

  equals(other: Money): boolean {
    return this.units === other.units && this.currency === other.currency
  }

  isMoreThan(other: Money): boolean {
    this.#mustMatch(other)
    return this.units > other.units
  }

  /** Decimal text with three decimals: `2.550`. */
  toDecimal(): string {
    const { sign, whole, fraction } = this.#parts()
    return `${sign}${whole}.${fraction}`
  }

  /** For people: `£2.55`; a third decimal only where there is one. */
  toString(): string {
    const { sign, whole, fraction } = this.#parts()
    const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole
    const symbol = this.currency === 'GBP' ? '£' : `${this.currency} `
    return `${sign}${symbol}${grouped}.${fraction.endsWith('0') ? fraction.slice(0, -1) : fraction}`
  }

  #parts(): { readonly sign: string; readonly whole: string; readonly fraction: string } {
    const negative = this.units < 0n
    const digits = (negative ? -this.units : this.units).toString().padStart(scale + 1, '0')
    return { sign: negative ? '-' : '', whole: digits.slice(0, -scale), fraction: digits.slice(-scale) }
  }

  #mustMatch(other: Money): void {
    if (other.currency !== this.currency) {
      throw new ShopError('currency_mismatch', `${this.currency} and ${other.currency} cannot be added.`)
    }
  }
}

/** The sum of amounts; zero of `currency` for none. */
export function sum(amounts: Iterable<Money>, currency = 'GBP'): Money {
  let total = Money.zero(currency)
  for (const amount of amounts) total = total.plus(amount)
  return total
}
