import { InfrastructureError } from '../../ports/errors.ts'
import { builtInName, builtIns } from './built-in.ts'
import type { CacheTypes } from './types.ts'
import { define } from './values.ts'

/**
 * Values as bytes. What JSON can say is JSON; the rest stands in it as `{ "~": [name, content] }`, and bytes follow it, each with its length.
 *
 *     j JSON
 *     m length JSON (length bytes)*
 */
const plain = 'j'
const marked = 'm'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Of a value that was checked, behind a text: most are encoded with it at once, as each piece of bytes costs more than what is in it. */
export function encodePayload(before: string, value: unknown, types: CacheTypes): Uint8Array {
  if (isJson(value)) return encoder.encode(`${before}${plain}${JSON.stringify(value)}`)
  const attachments: Uint8Array[] = []
  const json = encoder.encode(JSON.stringify(mark(value, types, attachments)))
  return concat([
    encoder.encode(before + marked),
    lengthOf(json),
    json,
    ...attachments.flatMap(bytes => [lengthOf(bytes), bytes]),
  ])
}

/** @throws whatever, where the bytes are not what `encodePayload` gave. */
export function decodePayload(bytes: Uint8Array, types: CacheTypes): unknown {
  if (bytes[0] === plain.charCodeAt(0)) return JSON.parse(decoder.decode(bytes.subarray(1)))
  if (bytes[0] !== marked.charCodeAt(0)) throw corrupt('it begins with something else')
  let offset = 1
  const next = () => {
    const length = new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getUint32(0)
    const part = bytes.subarray(offset + 4, offset + 4 + length)
    if (part.byteLength !== length) throw corrupt('it is cut off')
    offset += 4 + length
    return part
  }
  const json: unknown = JSON.parse(decoder.decode(next()))
  const attachments: Uint8Array[] = []
  while (offset < bytes.byteLength) attachments.push(next())
  return unmark(json, types, attachments)
}

/** Whether it comes back from JSON as it was. */
function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object': {
      if (value === null) return true
      if (Array.isArray(value)) return value.every(isJson) && !hasHoles(value)
      if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return false
      for (const key in value)
        if (key === '__proto__' || !isJson((value as Record<string, unknown>)[key])) return false
      return true
    }
    default:
      return false
  }
}

const hasHoles = (array: readonly unknown[]): boolean =>
  array.length > 0 && Object.keys(array).length < array.length

function mark(value: unknown, types: CacheTypes, attachments: Uint8Array[]): unknown {
  const inside = (each: unknown) => mark(each, types, attachments)
  if (value === undefined) return special('undefined')
  if (typeof value === 'bigint') return special('bigint', String(value))
  if (typeof value === 'number' && !isJson(value))
    return special('number', Object.is(value, -0) ? '-0' : String(value))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Array.from(value, inside)
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === Map.prototype)
    return special(
      'Map',
      Array.from(value as ReadonlyMap<unknown, unknown>, ([k, v]) => [inside(k), inside(v)]),
    )
  if (prototype === Set.prototype) return special('Set', Array.from(value as ReadonlySet<unknown>, inside))
  if (prototype === Object.prototype || prototype === null) {
    const entries = Object.entries(value).map(([key, each]) => [key, inside(each)] as const)
    if (prototype === null) return special('bare', entries)
    if (entries.some(([key]) => key === '~' || key === '__proto__' || key === 'toJSON'))
      return special('object', entries)
    return Object.fromEntries(entries)
  }
  const name = builtInName(prototype)
  if (name === undefined) {
    const type = types.of(prototype)!
    return special('class', [type.name, type.version, inside(type.encode(value))])
  }
  const content = builtIns[name]!.encode(value)
  return special(name, content instanceof Uint8Array ? attachments.push(content) - 1 : content)
}

const special = (name: string, content: unknown = 0) => ({ '~': [name, content] })

function unmark(json: unknown, types: CacheTypes, attachments: readonly Uint8Array[]): unknown {
  const inside = (each: unknown): unknown => unmark(each, types, attachments)
  const all = (content: unknown) => (content as readonly unknown[]).map(inside)
  const pairs = (content: unknown) =>
    (content as readonly (readonly unknown[])[]).map(([key, each]) => [inside(key), inside(each)] as const)
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(inside)
  if (!('~' in json)) {
    const record = json as Record<string, unknown>
    for (const key of Object.keys(record)) record[key] = inside(record[key])
    return record
  }
  const [name, content] = json['~'] as [string, unknown]
  switch (name) {
    case 'undefined':
      return undefined
    case 'bigint':
      return BigInt(content as string)
    case 'number':
      return Number(content)
    case 'Map':
      return new Map(pairs(content))
    case 'Set':
      return new Set(all(content))
    case 'object':
    case 'bare': {
      const record = name === 'bare' ? Object.create(null) : {}
      for (const [key, each] of pairs(content)) define(record, key as string, each)
      return record
    }
    case 'class': {
      const [typeName, version, data] = content as [string, number, unknown]
      const type = types.named(typeName)
      if (!type) throw corrupt(`the class '${typeName}' is not registered here`)
      return type.decode(inside(data), version)
    }
    default: {
      if (!Object.hasOwn(builtIns, name)) throw corrupt(`'${name}' is unknown here`)
      const builtIn = builtIns[name]!
      const bytes = typeof content === 'number' && name !== 'Date' ? attachments[content] : content
      return builtIn.decode(bytes)
    }
  }
}

function lengthOf({ byteLength }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, byteLength)
  return bytes
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.byteLength
  }
  return whole
}

const corrupt = (why: string) =>
  new InfrastructureError('data_loss', `A value of the cache cannot be read: ${why}.`)
