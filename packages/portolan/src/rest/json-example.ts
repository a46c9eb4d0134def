import { isRecord, type JsonSchema } from './json-schema.ts'

type Schemas = Readonly<Record<string, JsonSchema>>

/** A value that fits the schema, for the documentation: its own example or default where it has one. */
export function exampleOf(schema: JsonSchema, schemas: Schemas, depth = 0): unknown {
  if (depth > 6) return null
  const examples = schema.examples
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  for (const given of [schema.example, schema.default, schema.const]) if (given !== undefined) return given
  if (Array.isArray(schema.enum)) return schema.enum[0]
  const target = resolve(schema, schemas)
  if (target !== schema) return exampleOf(target, schemas, depth + 1)
  const alternative = [schema.anyOf, schema.oneOf, schema.allOf].flat().find(isRecord)
  if (alternative) return exampleOf(alternative, schemas, depth + 1)
  switch ([schema.type].flat()[0]) {
    case 'object':
      return exampleObject(schema, schemas, depth)
    case 'array':
      return isRecord(schema.items) ? [exampleOf(schema.items, schemas, depth + 1)] : []
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' && schema.minimum > 1 ? schema.minimum : 1
    case 'boolean':
      return true
    case 'string':
      return exampleText(schema)
    default:
      return null
  }
}

/** What a reference into the document's components stands for. */
export function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name =
    typeof schema.$ref === 'string' ? /^#\/components\/schemas\/(.+)$/.exec(schema.$ref)?.[1] : undefined
  return (name === undefined ? undefined : schemas[name]) ?? schema
}

function exampleObject(schema: JsonSchema, schemas: Schemas, depth: number): unknown {
  const required = Array.isArray(schema.required) ? schema.required : []
  const result: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(isRecord(schema.properties) ? schema.properties : {})) {
    if (required.includes(name) && isRecord(property)) result[name] = exampleOf(property, schemas, depth + 1)
  }
  return result
}

const byFormat: Readonly<Record<string, string>> = {
  'date-time': '2010-12-01T08:26:00Z',
  date: '2010-12-01',
  time: '08:26:00',
  email: 'mary@example.com',
  uri: 'https://example.com/',
  uuid: '0198c5a2-6c1e-7d3a-9f00-3d2b1c4e5f60',
}

function exampleText(schema: JsonSchema): string {
  return typeof schema.format === 'string' ? (byFormat[schema.format] ?? 'text') : 'text'
}
