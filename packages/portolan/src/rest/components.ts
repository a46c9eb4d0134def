import { isRecord, type JsonSchema } from './json-schema.ts'

/**
 * The shared schemas of an OpenAPI document. A schema converted alone points into itself (`#`, `#/$defs/…`); inside the
 * document those pointers would lead elsewhere, so definitions move here and pointers follow.
 */
export class Components {
  readonly #schemas: Record<string, JsonSchema>

  constructor(initial: Readonly<Record<string, JsonSchema>>) {
    this.#schemas = { ...initial }
  }

  get schemas(): Readonly<Record<string, JsonSchema>> {
    return this.#schemas
  }

  /** The schema as it may stand in the document. `name` is for the case that it refers to itself. */
  place(schema: JsonSchema, name: string): JsonSchema {
    const { $defs, ...rest } = schema
    const definitions = isRecord($defs) ? $defs : {}
    const names = new Map<string, string>()
    for (const [key, definition] of Object.entries(definitions)) {
      names.set(`#/$defs/${key}`, this.#reserve(key, definition))
    }
    const selfReferring = JSON.stringify(rest).includes('"$ref":"#"')
    if (selfReferring) names.set('#', this.#reserve(name, rest))
    for (const [key, definition] of Object.entries(definitions)) {
      this.#schemas[names.get(`#/$defs/${key}`)!] = redirect(definition, names) as JsonSchema
    }
    const placed = redirect(rest, names) as JsonSchema
    if (!selfReferring) return placed
    this.#schemas[names.get('#')!] = placed
    return { $ref: `#/components/schemas/${names.get('#')!}` }
  }

  /** A free name, or the one under which the same definition already stands. */
  #reserve(wanted: string, definition: unknown): string {
    const base = wanted.replace(/[^A-Za-z0-9._-]/g, '_')
    const own = new Map([[`#/$defs/${wanted}`, base]])
    for (let n = 1; ; n++) {
      const name = n === 1 ? base : `${base}${n}`
      const known = this.#schemas[name]
      if (known === undefined || JSON.stringify(known) === JSON.stringify(redirect(definition, own)))
        return name
    }
  }
}

function redirect(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map(item => redirect(item, names))
  if (!isRecord(value)) return value
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    const target = key === '$ref' && typeof item === 'string' ? names.get(item) : undefined
    result[key] = target === undefined ? redirect(item, names) : `#/components/schemas/${target}`
  }
  return result
}
