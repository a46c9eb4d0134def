import type { StandardJSONSchemaV1 } from '@standard-schema/spec'
import { InfrastructureError } from '../ports/errors.ts'
import type { Schema } from '../ports/schema.ts'

export type JsonSchema = { readonly [keyword: string]: unknown }

/** JSON Schema of the dialect that OpenAPI 3.1 uses. */
const target = 'draft-2020-12'

/**
 * A schema as JSON Schema: what it accepts (`input`) or what it yields (`output`). `where` names it in the error.
 *
 * @throws InfrastructureError `unsupported` when the schema cannot be expressed.
 */
export function jsonSchemaOf(schema: Schema, side: 'input' | 'output', where: string): JsonSchema {
  const standard = schema['~standard']
  if (!hasJsonSchema(standard)) {
    throw new InfrastructureError(
      'unsupported',
      `${where}: this ${standard.vendor} schema does not tell its JSON Schema. Use a library with Standard JSON Schema ` +
        '(zod 4.2 or newer, arktype, valibot with its converter), or withJsonSchema(schema, { … }).',
    )
  }
  try {
    const { $schema: _, ...converted } = standard.jsonSchema[side]({ target })
    return converted
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InfrastructureError(
      'unsupported',
      `${where}: the schema cannot be written as JSON Schema: ${reason}. Describe what travels as JSON ` +
        '(in zod: z.iso.datetime() instead of z.date()), or use withJsonSchema(schema, { … }).',
      { cause },
    )
  }
}

/** A schema with a JSON Schema of your own, for libraries and types that cannot express theirs. */
export function withJsonSchema<S extends Schema>(schema: S, json: JsonSchema): S {
  const converter: StandardJSONSchemaV1.Converter = {
    input: () => ({ ...json }),
    output: () => ({ ...json }),
  }
  const standard = { ...schema['~standard'], jsonSchema: converter }
  return Object.create(schema, { '~standard': { value: standard } })
}

function hasJsonSchema(
  standard: object,
): standard is { readonly jsonSchema: StandardJSONSchemaV1.Converter; readonly vendor: string } {
  return 'jsonSchema' in standard && typeof standard.jsonSchema === 'object' && standard.jsonSchema !== null
}

/** @internal */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
