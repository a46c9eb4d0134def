import { docsStyle } from './docs-style.ts'
import { escapeHtml } from './html.ts'
import { exampleOf } from './json-example.ts'
import type { JsonSchema } from './json-schema.ts'
import type { OpenApiDocument, OperationObject } from './openapi.ts'
import { schemaRows } from './schema-rows.ts'

interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: OperationObject
}

/** The API for people: one self-contained page without scripts, made on the server. `base` is for the examples. */
export function docsPage(document: OpenApiDocument, base: string): string {
  const groups = grouped(document)
  const { title, version, description } = document.info
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · API</title>
<link rel="icon" href="data:,">
<style>${docsStyle}</style>
</head>
<body>
<header>
  <h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
  ${description === undefined ? '' : `<p>${escapeHtml(description)}</p>`}
  <p class="links"><a href="/openapi.json">OpenAPI 3.1 document</a></p>
</header>
<nav aria-label="Operations">
${[...groups].map(([tag, entries]) => navGroup(tag, entries)).join('\n')}
</nav>
<main>
${[...groups].map(([tag, entries]) => section(tag, entries, document, base)).join('\n')}
</main>
</body>
</html>
`
}

function grouped(document: OpenApiDocument): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? 'Operations'
      const entries = groups.get(tag) ?? []
      entries.push({ method: method.toUpperCase(), path, operation })
      groups.set(tag, entries)
    }
  }
  return groups
}

function navGroup(tag: string, entries: readonly Entry[]): string {
  const items = entries.map(
    ({ method, path, operation }) =>
      `<li><a href="#${escapeHtml(operation.operationId)}" title="${escapeHtml(operation.summary)}">${badge(method)}<code>${escapeHtml(path)}</code></a></li>`,
  )
  return `<h2>${escapeHtml(tag)}</h2>\n<ul>${items.join('')}</ul>`
}

function section(tag: string, entries: readonly Entry[], document: OpenApiDocument, base: string): string {
  return `<section><h2>${escapeHtml(tag)}</h2>\n${entries.map(entry => article(entry, document, base)).join('\n')}</section>`
}

function article(entry: Entry, { components }: OpenApiDocument, base: string): string {
  const { method, path, operation } = entry
  const body = operation.requestBody?.content['application/json']?.schema
  return `<article id="${escapeHtml(operation.operationId)}"${operation.deprecated ? ' class="deprecated"' : ''}>
<h3>${badge(method)}<code>${breakable(path)}</code></h3>
<p>${escapeHtml(operation.summary)}${operation.deprecated ? ' <em>Deprecated.</em>' : ''}</p>
${operation.description === undefined ? '' : `<p>${escapeHtml(operation.description)}</p>`}
${parameterTable(operation)}
${body ? `<h4>Body</h4>${schemaTable(body, components.schemas)}` : ''}
<h4>Responses</h4>
${Object.entries(operation.responses)
  .map(([status, response]) => responseBlock(status, response, components.schemas))
  .join('\n')}
<h4>Example</h4>
<pre><code>${escapeHtml(curl(base, entry, body, components.schemas))}</code></pre>
</article>`
}

function parameterTable({ parameters = [] }: OperationObject): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(({ name, in: place, required, description, schema }) => {
    const [row] = schemaRows(schema, {})
    return tableRow(name, required, `${place} · ${row?.type ?? 'any'}`, description ?? row?.description ?? '')
  })
  return `<h4>Parameters</h4><table>${rows.join('')}</table>`
}

function responseBlock(
  status: string,
  response: OperationObject['responses'][string],
  schemas: Readonly<Record<string, JsonSchema>>,
): string {
  const schema = Object.values(response.content ?? {})[0]?.schema
  const label = `<b class="status s${status.charAt(0)}">${escapeHtml(status)}</b> ${escapeHtml(response.description)}`
  if (!schema) return `<p class="response">${label}</p>`
  return `<details><summary>${label}</summary>${schemaTable(schema, schemas)}</details>`
}

function schemaTable(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): string {
  const rows = schemaRows(schema, schemas)
  return `<table>${rows.map(row => tableRow(row.name, row.required, row.type, row.description)).join('')}</table>`
}

function tableRow(name: string, required: boolean, type: string, description: string): string {
  const mark = required ? '<span class="required" title="required">*</span>' : ''
  return `<tr><th><code>${breakable(name)}</code>${mark}</th><td><span class="type">${escapeHtml(type)}</span> ${escapeHtml(description)}</td></tr>`
}

function curl(
  base: string,
  { method, path, operation }: Entry,
  body: JsonSchema | undefined,
  schemas: Readonly<Record<string, JsonSchema>>,
): string {
  const query = (operation.parameters ?? [])
    .filter(parameter => parameter.in === 'query' && parameter.required)
    .map(
      ({ name, schema }) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(String(exampleOf(schema, schemas)))}`,
    )
  // Braces mean something to curl.
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())
  const address = base + filled + (query.length > 0 ? `?${query.join('&')}` : '')
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}'${address}'`]
  for (const { name, in: place, required, schema } of operation.parameters ?? []) {
    if (place === 'header' && required) lines.push(`  -H '${name}: ${exampleOf(schema, schemas)}'`)
  }
  if (body) {
    lines.push(`  -H 'content-type: application/json'`)
    lines.push(`  -d '${JSON.stringify(exampleOf(body, schemas)).replaceAll("'", `'\\''`)}'`)
  }
  return lines.join(' \\\n')
}

function badge(method: string): string {
  return `<b class="method ${method.toLowerCase()}">${method}</b>`
}

/** Lets a long path or name break where a reader would break it. */
function breakable(value: string): string {
  return escapeHtml(value).replace(/[/.]/g, '<wbr>$&')
}
