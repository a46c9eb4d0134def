export type JsonObject = { [key: string]: unknown }

/**
 * What Meta's file says against its own examples and documentation. Each repair loosens; limits that the file lacks are
 * checked by the emulator in code (src/whatsapp/limits.ts).
 */
export function repair(definitions: Record<string, JsonObject>): Record<string, JsonObject> {
  for (const [name, schema] of Object.entries(definitions)) {
    // `allOf: [Base, { additionalProperties: false }]` refuses every property of the base: no message at all would pass.
    for (const part of (schema.allOf as JsonObject[] | undefined) ?? []) delete part.additionalProperties
    if (name.startsWith('MediaObject')) loosenMedia(schema)
  }
  const properties = (name: string) => definitions[name]!.properties as Record<string, JsonObject>

  // `individual` is the default; no older client sends it, nor do Meta's examples of replies.
  definitions.BaseMessageProperties!.required = ['messaging_product', 'to']
  definitions.LanguageObject!.required = ['code']

  // The pattern reads `^[2-6, 11-14]$`, left over from footnotes; examples use '0' and 0, and upper case sub-types.
  for (const name of ['TemplateComponent', 'ButtonComponent']) {
    if (!definitions[name]) continue
    const { index, sub_type: subType } = properties(name)
    if (index) properties(name).index = { type: ['string', 'integer'], pattern: '^[0-9]$' }
    if (subType) properties(name).sub_type = { type: 'string' }
  }
  properties('TemplateComponent').type = { type: 'string' }

  // Kinds that the documentation has and the list lacks.
  const interactive = properties('InteractiveObject')
  interactive.type!.enum = [
    ...new Set([
      ...(interactive.type!.enum as string[]),
      'cta_url',
      'location_request_message',
      'address_message',
      'order_details',
      'order_status',
    ]),
  ]
  // `name` with `parameters` matches two alternatives, so that exactly one never holds; and when none holds, nobody learns why.
  // The emulator picks the alternative by the message's type instead.
  interactive.action = { type: 'object' }
  const alternatives = definitions.ActionObject!.oneOf as JsonObject[]
  const requiring = (property: string) => ({
    type: 'object',
    ...alternatives.find(choice => (choice.required as string[]).includes(property)),
  })
  definitions.ButtonAction = requiring('buttons')
  definitions.ListAction = requiring('sections')
  definitions.ProductAction = requiring('catalog_id')
  delete definitions.ActionObject

  // Described as text; sent as numbers in the examples. Both are accepted.
  const location = (definitions.LocationMessage!.allOf as { properties: Record<string, JsonObject> }[])[1]!
    .properties.location!.properties as Record<string, JsonObject>
  location.latitude = { type: ['number', 'string'] }
  location.longitude = { type: ['number', 'string'] }
  return definitions
}

/** `oneOf` with `additionalProperties: false` refuses `filename` and `voice`; exactly one of id and link is what is meant. */
function loosenMedia(schema: JsonObject): void {
  for (const choice of (schema.oneOf as JsonObject[] | undefined) ?? []) delete choice.additionalProperties
}
