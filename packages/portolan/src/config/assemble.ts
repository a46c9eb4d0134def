import type { Fields } from './definition.ts'

/** The values by key, as an object in the shape of the definition. Its groups are frozen; it is not yet. */
export function assemble(
  fields: Fields,
  values: ReadonlyMap<string, unknown>,
  path = '',
): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, field]) => {
    const key = `${path}${name}`
    if (values.has(key)) return [name, values.get(key)]
    return [name, Object.freeze(assemble(field as Fields, values, `${key}.`))]
  })
  return Object.fromEntries(entries)
}

/** Freezes arrays and plain objects; a schema may also yield something that has a life of its own. */
export function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
