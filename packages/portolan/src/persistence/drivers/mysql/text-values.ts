import { narrowed, type SqlValue } from '../../sql-value.ts'
import type { MysqlValueField } from './client.ts'

/** A value of the text protocol, as `readRows` has it: a `typeCast` of `mysql2`. */
export function readMysqlValue(field: MysqlValueField, next: () => unknown): SqlValue {
  switch (field.type) {
    case 'TINY':
    case 'SHORT':
    case 'INT24':
    case 'LONG':
    case 'LONGLONG':
    case 'DECIMAL':
    case 'NEWDECIMAL': {
      const text = field.string()
      return text !== null && /^-?\d+$/.test(text) ? narrowed(BigInt(text)) : text
    }
    case 'FLOAT':
    case 'DOUBLE': {
      const text = field.string()
      return text === null ? null : Number(text)
    }
    case 'BIT': {
      const bytes = field.buffer()
      return bytes && narrowed(bytes.reduce((whole, byte) => whole * 256n + BigInt(byte), 0n))
    }
    case 'JSON':
      return field.string('utf8')
  }
  const value = next()
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as SqlValue)
}

/** What the server says of a statement that it runs as text alone, which then comes so. */
export function notPrepared(): Error {
  return Object.assign(new Error('Nothing is prepared in this session.'), {
    errno: 1295,
    sqlState: 'HY000',
  })
}
