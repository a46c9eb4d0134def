import { InfrastructureError } from '../ports/errors.ts'
import type { SqlValue } from './sql-value.ts'

/**
 * How a value of the application stands in a column, so that it comes back the same from every engine. `null` never reaches a
 * codec: a nullable column stays `null`. A repository names table and column of what a codec refuses.
 */
export interface Codec<Value = unknown, Stored extends SqlValue = SqlValue> {
  /** @throws InfrastructureError `invalid_argument` for what it cannot store. */
  encode(value: Value): Stored
  /** @throws InfrastructureError `data_loss` for what is stored and none of its own. */
  decode(stored: Stored): Value
}

/** `true` and `false` as 1 and 0, in a column of whole numbers. */
export const boolean: Codec<boolean, number> = {
  encode(value) {
    if (typeof value !== 'boolean') throw unfit('Give true or false.')
    return value ? 1 : 0
  },
  decode: stored => Number(stored) !== 0,
}

/** A moment: a `Date` as milliseconds since the epoch, in a column of 64-bit integers. */
export const instant: Codec<Date, number> = {
  encode(value) {
    const ms = value instanceof Date ? value.getTime() : Number.NaN
    if (Number.isNaN(ms)) throw unfit('The date is not valid. Give a Date within 100 million days of 1970.')
    return ms
  },
  decode(stored) {
    const date = new Date(Number(stored))
    if (Number.isNaN(date.getTime())) throw unreadable('a moment, in milliseconds')
    return date
  },
}

/** A calendar day without a time or a zone, as text: `2026-02-28`. Any day of the years 0001 to 9999. */
export const day: Codec<string, string> = {
  encode(value) {
    if (!isDay(value)) throw unfit('This is no day of the calendar. Give text such as 2026-02-28.')
    return value
  },
  decode(stored) {
    if (!isDay(stored)) throw unreadable('a day such as 2026-02-28')
    return stored
  },
}

/** A whole number of up to 64 bits; always a `bigint`, also when it is small. */
export const bigint: Codec<bigint, bigint> = {
  encode(value) {
    if (typeof value !== 'bigint') throw unfit('Give a bigint.')
    return value
  },
  decode: stored => BigInt(stored),
}

/**
 * An exact decimal number with `scale` digits after its point, as text: `12.50`. It fits a column of text on every engine, and one of
 * `NUMERIC(…, scale)` where the engine keeps that exactly (SQLite does not).
 */
export function decimal(scale: number): Codec<string, string> {
  if (!(Number.isInteger(scale) && scale >= 0)) throw unfit('A decimal has a scale of 0 or more digits.')
  const exactly = (value: unknown) => {
    const match = /^(-?)0*(\d+)(?:\.(\d+))?$/.exec(String(value))
    if (!match) return undefined
    const [, sign, whole, given = ''] = match
    const fraction = given.replace(/0+$/, '').padEnd(scale, '0')
    if (fraction.length > scale) return undefined
    const digits = scale === 0 ? whole! : `${whole}.${fraction}`
    return /[1-9]/.test(digits) ? `${sign}${digits}` : digits
  }
  return {
    encode(value) {
      const text = typeof value === 'string' ? exactly(value) : undefined
      if (text === undefined)
        throw unfit(`Give text such as 12.50, with ${scale} digits after the point at most.`)
      return text
    },
    decode(stored) {
      const text = exactly(stored)
      if (text === undefined) throw unreadable(`a number with ${scale} digits after its point`)
      return text
    },
  }
}

/** A UUID as text in lower case, as engines with a type for it give it back. */
export const uuid: Codec<string, string> = {
  encode(value) {
    if (!isUuid(value)) throw unfit('This is no UUID.')
    return value.toLowerCase()
  },
  decode(stored) {
    if (!isUuid(stored)) throw unreadable('a UUID')
    return stored.toLowerCase()
  },
}

/** One of a few texts. */
export function oneOf<const Value extends string>(...values: readonly Value[]): Codec<Value, string> {
  const known = (value: unknown): value is Value => (values as readonly unknown[]).includes(value)
  const list = values.join(', ')
  return {
    encode(value) {
      if (!known(value)) throw unfit(`Give one of ${list}.`)
      return value
    },
    decode(stored) {
      if (!known(stored)) throw unreadable(`one of ${list}`)
      return stored
    },
  }
}

/** Bytes that the aggregate may change in place: it gets a copy of its own. Columns of bytes need no codec otherwise. */
export const bytes: Codec<Uint8Array, Uint8Array> = {
  encode(value) {
    if (!(value instanceof Uint8Array)) throw unfit('Give a Uint8Array.')
    return value
  },
  decode: stored => Uint8Array.from(stored),
}

/** Anything that survives JSON, as text. Compared as text, so keep the order of properties. */
export function json<Value>(): Codec<Value, string> {
  return {
    encode(value) {
      const text: string | undefined = JSON.stringify(value)
      if (text === undefined) throw unfit('JSON has no text for it.')
      return text
    },
    decode: stored => JSON.parse(stored) as Value,
  }
}

/** An exact amount: whole `units` of `10^-scale` of the currency. */
export interface Amount {
  readonly units: bigint
  readonly scale: number
  readonly currency: string
}

/**
 * An exact amount in one text column: `12.550 GBP`. `make` builds the application's own class. To sum amounts in SQL, keep the
 * units in a column of their own with `bigint`.
 */
export function money<Money extends Amount>(make: (amount: Amount) => Money): Codec<Money, string> {
  return {
    encode({ units, scale, currency }) {
      if (!(Number.isInteger(scale) && scale >= 0) || !/^[A-Z]{3}$/.test(currency)) {
        throw unfit('An amount needs a scale of zero or more, and a currency of three capital letters.')
      }
      const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
      const point = digits.length - scale
      const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
      return `${units < 0n ? '-' : ''}${text} ${currency}`
    },
    decode(stored) {
      const match = /^(-?)(\d+)(?:\.(\d+))? ([A-Z]{3})$/.exec(stored)
      if (!match) throw unreadable('an amount such as 12.550 GBP')
      const [, sign, whole, fraction = '', currency] = match
      const units = BigInt(whole! + fraction)
      return make({ units: sign ? -units : units, scale: fraction.length, currency: currency! })
    },
  }
}

function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '0001') return false
  const date = new Date(`${value}T00:00:00Z`)
  // A day that its month does not have would be taken for one of the next.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
}

function unfit(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}

function unreadable(expected: string): InfrastructureError {
  return new InfrastructureError('data_loss', `What is stored cannot be read: it is not ${expected}.`)
}
