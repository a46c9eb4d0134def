import type { TextReader } from '../../row-maker.ts'
import { narrowed, type SqlValue } from '../../sql-value.ts'
import type { PgTypes } from './client.ts'

// Object ids of pg_type, which are the same in every PostgreSQL.
const bool = 16
const bytea = 17
const int8 = 20
const int2 = 21
const int4 = 23
const oid = 26
const float4 = 700
const float8 = 701
const numeric = 1700

const asText = (text: string) => text
const asNumber = (text: string) => Number(text)

function asInteger(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

const readers: Readonly<Record<number, TextReader>> = {
  [bool]: text => (text === 't' ? 1 : 0),
  [bytea]: text => Uint8Array.from(Buffer.from(text.slice(2), 'hex')),
  [int8]: asInteger,
  [int2]: asNumber,
  [int4]: asNumber,
  [oid]: asNumber,
  [float4]: asNumber,
  [float8]: asNumber,
  // Sums of integers are `numeric`. What has a fraction stays text, which is exact.
  [numeric]: text => (/^-?\d+$/.test(text) ? narrowed(BigInt(text)) : text),
}

/** Rows hold what every engine can hold; dates, JSON, arrays and the like are their text. */
export function readerOf(type: number): TextReader {
  return readers[type]
}

export const types: PgTypes = {
  getTypeParser: (type: number) => readerOf(type) ?? asText,
}

/** Everything but bytes travels as text, whose type the server infers from where it stands. */
export function bind(parameters: readonly SqlValue[]): unknown[] {
  const bound = new Array<unknown>(parameters.length)
  for (let i = 0; i < parameters.length; i++) {
    const value = parameters[i]!
    bound[i] =
      typeof value === 'string' || value === null
        ? value
        : typeof value === 'object'
          ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
          : String(value)
  }
  return bound
}

/** Looked for first: nearly no text has any, and replacing none takes three times as long. */
const special = /["\\]/
const escaped = (text: string) => text.replace(/["\\]/g, '\\$&')

/** The text of an array with these elements, as `unnest` takes it. */
export function arrayText(values: readonly SqlValue[]): string {
  let text = '{'
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (i > 0) text += ','
    if (value === null) text += 'NULL'
    else if (typeof value === 'string') text += `"${special.test(value) ? escaped(value) : value}"`
    else if (typeof value === 'object') text += `"\\\\x${Buffer.from(value).toString('hex')}"`
    else text += value
  }
  return `${text}}`
}
