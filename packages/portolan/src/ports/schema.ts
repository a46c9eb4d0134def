import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Anything that validates: zod, valibot, arktype and whatever else implements Standard Schema. */
export type Schema<Output = unknown, Input = unknown> = StandardSchemaV1<Input, Output>

/** The type that a schema accepts, before defaults and transformations. */
export type SchemaInput<S extends Schema> = StandardSchemaV1.InferInput<S>

/** The type that a schema yields. */
export type SchemaOutput<S extends Schema> = StandardSchemaV1.InferOutput<S>

/** One thing that a schema found wrong. */
export interface ValidationIssue {
  /** Where, as in `lines[2].quantity`; empty for the whole value. */
  readonly path: string
  readonly message: string
}
