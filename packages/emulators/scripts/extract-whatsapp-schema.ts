/**
 * Cuts the request schemas of the endpoints that we emulate out of Meta's OpenAPI file, repairs what contradicts Meta's own
 * examples in that file, and writes them as one JSON Schema bundle:
 *
 *     node packages/emulators/scripts/extract-whatsapp-schema.ts whatsapp-business-messaging-v23.yaml.gz
 *
 * Also writes Meta's examples of those requests for the tests. The source is github.com/facebook/openapi.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { type JsonObject, repair } from './repairs.ts'

const [source] = process.argv.slice(2)
if (!source) {
  console.error('Usage: extract-whatsapp-schema.ts <openapi.yaml or openapi.yaml.gz>')
  process.exit(2)
}

const bytes = readFileSync(source)
const openapi = parse((source.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as OpenApi

interface OpenApi {
  info: { version: string }
  components: { schemas: Record<string, JsonObject> }
  paths: Record<string, { post: { requestBody: { content: { 'application/json': RequestContent } } } }>
}
interface RequestContent {
  schema: JsonObject
  examples?: Record<string, { value: JsonObject }>
}

const request = (path: string) => openapi.paths[path]!.post.requestBody.content['application/json']
const messages = request('/{Version}/{Phone-Number-ID}/messages')
const templates = request('/{Version}/{WABA-ID}/message_templates')

const definitions: Record<string, JsonObject> = {}
const entries: Record<string, string> = {}

const mapping = (openapi.components.schemas.Message as { discriminator: { mapping: Record<string, string> } })
  .discriminator.mapping
for (const [type, reference] of Object.entries(mapping)) entries[`message:${type}`] = take(reference)
Object.assign(entries, {
  'action:button': 'ButtonAction',
  'action:list': 'ListAction',
  'action:product': 'ProductAction',
  'action:product_list': 'ProductAction',
})
entries.mark = take('#/components/schemas/MarkMessageRequestPayload')
entries.template = define('CreateTemplateRequest', templates.schema)
entries.subscription = take('#/components/schemas/SubscriptionRequest')

const bundle = {
  $comment:
    `Extracted from Meta's OpenAPI description of the WhatsApp Business Platform ${openapi.info.version} ` +
    '(https://github.com/facebook/openapi, Copyright (c) Meta Platforms, Inc. and affiliates, MIT License), with the ' +
    'repairs listed in packages/emulators/scripts/repairs.ts. Generated: do not edit.',
  entries,
  definitions: repair(definitions),
}
write('../src/whatsapp/meta-schema.json', bundle)
write('../test/whatsapp/meta-examples.json', {
  $comment: bundle.$comment,
  messages: examples(messages),
  templates: examples(templates),
})

/** Copies a component with everything that it refers to; returns its name. */
function take(reference: string): string {
  const name = reference.replace('#/components/schemas/', '')
  const schema = openapi.components.schemas[name]
  if (!schema) throw new Error(`${reference} is not in the file.`)
  return define(name, schema)
}

function define(name: string, schema: JsonObject): string {
  if (definitions[name]) return name
  definitions[name] = {}
  definitions[name] = copy(schema) as JsonObject
  return name
}

/** Without documentation and discriminators: JSON Schema knows the latter not, and the emulator picks by `type` itself. */
function copy(value: unknown, named = false): unknown {
  if (Array.isArray(value)) return value.map(item => copy(item))
  if (typeof value !== 'object' || value === null) return value
  const result: JsonObject = {}
  for (const [key, inner] of Object.entries(value)) {
    if (!named && ['description', 'example', 'examples', 'discriminator', 'default', 'format'].includes(key))
      continue
    if (key === '$ref' && typeof inner === 'string') result.$ref = `#/definitions/${take(inner)}`
    else result[key] = copy(inner, !named && key === 'properties')
  }
  return result
}

function examples(content: RequestContent): JsonObject {
  return Object.fromEntries(Object.entries(content.examples ?? {}).map(([name, { value }]) => [name, value]))
}

function write(path: string, value: unknown): void {
  writeFileSync(new URL(path, import.meta.url), `${JSON.stringify(value, null, 1)}\n`)
}
