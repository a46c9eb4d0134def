import { isRecord, type JsonSchema } from './json-schema.ts'

type Kind = 'text' | 'number' | 'boolean'

interface Field {
  readonly kind: Kind
  readonly list: boolean
}

/** What a record of texts becomes before its schema sees it. */
export type Coercion = (record: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>

/**
 * Addresses, headers and forms carry only text. From the JSON Schema this knows which names hold numbers, booleans and
 * lists, and turns their text into those; text that does not fit stays as it is, for the schema to refuse. A blank is no
 * number and no boolean: it is left out.
 */
export function coercionFor(schema: JsonSchema): Coercion {
  const fields: [string, Field][] = []
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const field = fieldOf(property)
    if (field.list || field.kind !== 'text') fields.push([name, field])
  }
  if (fields.length === 0) return record => record
  return record => {
    const result: Record<string, unknown> = { ...record }
    for (const [name, field] of fields) {
      const value = record[name]
      if (value !== undefined) result[name] = field.list ? list(field.kind, value) : one(field.kind, value)
    }
    return result
  }
}

/** The properties of an object schema, also where the schema is only a reference to its definition. */
export function propertiesOf(schema: JsonSchema): Readonly<Record<string, unknown>> {
  if (isRecord(schema.properties)) return schema.properties
  const name = typeof schema.$ref === 'string' ? /^#\/\$defs\/(.+)$/.exec(schema.$ref)?.[1] : undefined
  const definition = name !== undefined && isRecord(schema.$defs) ? schema.$defs[name] : undefined
  return isRecord(definition) && isRecord(definition.properties) ? definition.properties : {}
}

function fieldOf(schema: unknown): Field {
  if (!isRecord(schema)) return { kind: 'text', list: false }
  const types = typesOf(schema)
  if (types.has('array')) return { kind: fieldOf(schema.items).kind, list: true }
  if (types.has('string') || types.size !== 1) return { kind: 'text', list: false }
  return { kind: types.has('number') ? 'number' : types.has('boolean') ? 'boolean' : 'text', list: false }
}

function typesOf(schema: JsonSchema): Set<string> {
  const types = new Set<string>()
  for (const type of [schema.type].flat()) {
    if (typeof type === 'string' && type !== 'null') types.add(type === 'integer' ? 'number' : type)
  }
  for (const alternatives of [schema.anyOf, schema.oneOf]) {
    if (!Array.isArray(alternatives)) continue
    for (const item of alternatives) if (isRecord(item)) for (const type of typesOf(item)) types.add(type)
  }
  return types
}

function list(kind: Kind, value: unknown): unknown[] {
  return (Array.isArray(value) ? value : [value]).map(item => one(kind, item))
}

function one(kind: Kind, value: unknown): unknown {
  if (kind === 'text' || typeof value !== 'string') return value
  if (value === '') return undefined
  if (kind === 'number') return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? Number(value) : value
  if (value === 'true' || value === '1' || value === 'on') return true
  if (value === 'false' || value === '0' || value === 'off') return false
  return value
}
