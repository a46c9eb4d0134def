import { InfrastructureError } from '../ports/errors.ts'
import type { Schema, ValidationIssue } from '../ports/schema.ts'
import { check, issuesText } from '../runtime/validation.ts'
import { type Coercion, coercionFor } from './coercion.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'

export type InputPart = 'params' | 'query' | 'headers' | 'body'

/** One part of a request with its schema. */
export interface Input {
  readonly part: InputPart
  readonly schema: Schema
  readonly json: JsonSchema
  readonly coerce: Coercion | undefined
}

/** The parts that have a schema. `textual` are those that carry only text. `where` names the route in errors. */
export function inputsOf(
  schemas: Readonly<Partial<Record<InputPart, Schema | undefined>>>,
  textual: readonly InputPart[],
  where: string,
): readonly Input[] {
  const inputs: Input[] = []
  for (const part of ['params', 'query', 'headers', 'body'] as const) {
    const schema = schemas[part]
    if (!schema) continue
    const json = jsonSchemaOf(schema, 'input', `${where}, ${part}`)
    inputs.push({ part, schema, json, coerce: textual.includes(part) ? coercionFor(json) : undefined })
  }
  return inputs
}

/**
 * Checks each part and puts its output in its place.
 *
 * @throws InfrastructureError `invalid_argument` with the issues of all parts; paths begin with the part, as in `body.lines[2]`.
 */
export async function checkInputs(
  inputs: readonly Input[],
  parts: Record<InputPart, unknown>,
): Promise<void> {
  let issues: ValidationIssue[] | undefined
  for (const { part, schema, coerce } of inputs) {
    const value = parts[part]
    const result = await check(schema, coerce ? coerce(value as Readonly<Record<string, unknown>>) : value)
    if (result.ok) parts[part] = result.value
    else {
      issues ??= []
      for (const { path, message } of result.issues) {
        issues.push({ path: path === '' || path.startsWith('[') ? part + path : `${part}.${path}`, message })
      }
    }
  }
  if (!issues) return
  throw new InfrastructureError('invalid_argument', `The request is not valid: ${issuesText(issues)}`, {
    details: { issues },
  })
}
