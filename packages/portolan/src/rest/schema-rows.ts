import { resolve } from './json-example.ts'
import { isRecord, type JsonSchema } from './json-schema.ts'

/** One line of a schema, as the documentation shows it. */
export interface SchemaRow {
  /** As in `lines[].quantity`; empty for the schema itself. */
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly description: string
}

type Schemas = Readonly<Record<string, JsonSchema>>

/** A schema in lines, nested ones below their parents. What refers to itself is shown once. */
export function schemaRows(schema: JsonSchema, schemas: Schemas): SchemaRow[] {
  const rows: SchemaRow[] = []
  visit(schema, '', true, [])
  return rows

  function visit(given: JsonSchema, name: string, required: boolean, above: readonly JsonSchema[]): void {
    const target = resolve(given, schemas)
    const item = itemOf(target)
    const inner = item ? resolve(item, schemas) : target
    const properties = isRecord(inner.properties) ? Object.entries(inner.properties) : []
    if (name !== '' || properties.length === 0 || item) {
      rows.push({
        name,
        type: typeText(given, schemas),
        required,
        description: text(given.description ?? target.description),
      })
    }
    if (above.includes(inner)) return
    const names = Array.isArray(inner.required) ? inner.required : []
    for (const [key, property] of properties) {
      const path = name === '' ? (item ? `[].${key}` : key) : `${name}${item ? '[]' : ''}.${key}`
      if (isRecord(property)) visit(property, path, names.includes(key), [...above, inner])
    }
  }
}

function itemOf(schema: JsonSchema): JsonSchema | undefined {
  return schema.type === 'array' && isRecord(schema.items) ? schema.items : undefined
}

/** A type in a few words: `integer 1…100, default 20`. */
function typeText(given: JsonSchema, schemas: Schemas): string {
  const schema = resolve(given, schemas)
  const parts = [baseType(schema, schemas)]
  const range =
    rangeOf(schema.minimum, schema.maximum) ?? rangeOf(schema.minLength, schema.maxLength, ' characters')
  if (range) parts.push(range)
  if (schema.default !== undefined) parts.push(`default ${JSON.stringify(schema.default)}`)
  return parts.join(', ')
}

function baseType(schema: JsonSchema, schemas: Schemas): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  const alternatives = [schema.anyOf, schema.oneOf].find(Array.isArray)
  if (alternatives)
    return alternatives
      .filter(isRecord)
      .map(item => typeText(item, schemas))
      .join(' | ')
  const item = itemOf(schema)
  if (item) return `list of ${baseType(resolve(item, schemas), schemas)}`
  const type =
    [schema.type]
      .flat()
      .filter(name => typeof name === 'string')
      .join(' | ') || 'any'
  return typeof schema.format === 'string' ? `${type} (${schema.format})` : type
}

function rangeOf(least: unknown, most: unknown, unit = ''): string | undefined {
  const from = bound(least)
  const to = bound(most)
  if (from === undefined && to === undefined) return undefined
  if (to === undefined) return `at least ${from}${unit}`
  return from === undefined ? `at most ${to}${unit}` : `${from}…${to}${unit}`
}

/** The safe-integer bounds that libraries add say nothing to a reader. */
function bound(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
