import { propertiesOf } from './coercion.ts'
import { Components } from './components.ts'
import type { Input } from './input.ts'
import type { JsonSchema } from './json-schema.ts'
import { titleOf } from './problem.ts'
import type { Operation } from './route.ts'

export interface ApiInfo {
  readonly title: string
  readonly version: string
  readonly description?: string
}

export interface ParameterObject {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

interface MediaTypes {
  readonly [mediaType: string]: { readonly schema: JsonSchema }
}

export interface OperationObject {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly deprecated?: true
  readonly parameters?: readonly ParameterObject[]
  readonly requestBody?: { readonly required: boolean; readonly content: MediaTypes }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: MediaTypes }>
  >
}

export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: ApiInfo
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** The OpenAPI 3.1 document of the declared operations, all versions together. */
export function openApiDocument(info: ApiInfo, operations: readonly Operation[]): OpenApiDocument {
  const components = new Components({ Problem: problemSchema })
  const paths: Record<string, Record<string, OperationObject>> = {}
  for (const operation of operations) {
    const path = operation.path.text.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][operation.definition.method.toLowerCase()] = operationObject(operation, components)
  }
  const { title, version, description } = info
  return {
    openapi: '3.1.1',
    info: { title, version, ...(description === undefined ? {} : { description }) },
    paths,
    components: { schemas: components.schemas },
  }
}

function operationObject(operation: Operation, components: Components): OperationObject {
  const { definition, inputs, outputs } = operation
  const operationId = definition.operationId ?? operationIdOf(operation)
  const parameters = parametersOf(operation, components)
  const body = inputs.find(input => input.part === 'body')
  const responses: Record<string, { description: string; content?: MediaTypes }> = {}
  for (const [status, schema] of outputs) {
    responses[status] = {
      description: descriptionOf(schema) ?? titleOf(status),
      ...(schema ? { content: json(components.place(schema, `${operationId}${status}`)) } : {}),
    }
  }
  if (outputs.size === 0) responses['200'] = { description: titleOf(200) }
  responses.default = {
    description: 'Problem details (RFC 9457)',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return {
    operationId,
    summary: definition.summary,
    ...(definition.description === undefined ? {} : { description: definition.description }),
    ...(definition.tags ? { tags: definition.tags } : {}),
    ...(definition.deprecated ? { deprecated: true } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: true, content: json(components.place(body.json, `${operationId}Body`)) } }
      : {}),
    responses,
  }
}

function parametersOf({ path, inputs }: Operation, components: Components): ParameterObject[] {
  const places = { params: 'path', query: 'query', headers: 'header' } as const
  const parameters: ParameterObject[] = []
  if (!inputs.some(input => input.part === 'params')) {
    for (const name of path.params)
      parameters.push({ name, in: 'path', required: true, schema: { type: 'string' } })
  }
  for (const input of inputs) {
    if (input.part === 'body') continue
    const required = requiredOf(input)
    for (const [name, property] of Object.entries(propertiesOf(input.json))) {
      const schema = components.place(
        { ...(property as JsonSchema), ...(input.json.$defs ? { $defs: input.json.$defs } : {}) },
        name,
      )
      const description = descriptionOf(property as JsonSchema)
      parameters.push({
        name,
        in: places[input.part],
        required: input.part === 'params' || required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema,
      })
    }
  }
  return parameters
}

function requiredOf({ json: schema }: Input): readonly unknown[] {
  return Array.isArray(schema.required) ? schema.required : []
}

function descriptionOf(schema: JsonSchema | null): string | undefined {
  return typeof schema?.description === 'string' ? schema.description : undefined
}

function json(schema: JsonSchema): MediaTypes {
  return { 'application/json': { schema } }
}

/** `GET /v1/orders/:id` → `getV1OrdersById`. */
function operationIdOf({ definition, path }: Operation): string {
  const words = path.segments.map(segment =>
    segment.startsWith(':') ? `by-${segment.slice(1)}` : segment === '*' ? 'rest' : segment,
  )
  const camel = words.join('-').replace(/[^A-Za-z0-9]+(.)?/g, (_, next?: string) => next?.toUpperCase() ?? '')
  return definition.method.toLowerCase() + camel.charAt(0).toUpperCase() + camel.slice(1)
}

const problemSchema: JsonSchema = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  properties: {
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable, for programs.' },
    requestId: { type: 'string', description: 'Quote it when asking for help.' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' } },
        required: ['path', 'message'],
      },
    },
  },
  required: ['title', 'status', 'detail', 'code', 'requestId'],
}
