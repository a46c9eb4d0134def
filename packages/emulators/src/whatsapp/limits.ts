import { type GraphError, graphError } from './errors.ts'
import type { Interactive, SendRequest } from './request.ts'

/** The limits of Meta's documentation that its schema does not state (it has most lengths). Lengths count characters. */
export function limitError(type: string, request: SendRequest): GraphError | undefined {
  if (!/\d/.test(request.to)) return graphError(131009, `'${request.to}' is no phone number.`)
  const opaque = request.biz_opaque_callback_data
  if (opaque !== undefined && (typeof opaque !== 'string' || exceeds(opaque, 512))) {
    return graphError(100, 'Param biz_opaque_callback_data must be at most 512 characters long.')
  }
  if (type === 'text') return textError(request.text?.body)
  if (type === 'interactive') return interactiveError(request.interactive!)
  return undefined
}

function textError(body: string | undefined): GraphError | undefined {
  if (!body) return graphError(131008, "Parameter 'text.body' is missing.")
  if (exceeds(body, 4096)) return graphError(100, "Param text['body'] must be at most 4096 characters long.")
  return undefined
}

function interactiveError(interactive: Interactive): GraphError | undefined {
  const { type, body, action } = interactive
  if (type !== 'product' && type !== 'catalog_message' && !body?.text) {
    return graphError(131008, "Parameter 'interactive.body.text' is missing.")
  }
  if (interactive.header?.type === 'text' && !interactive.header.text) {
    return graphError(131008, "Parameter 'interactive.header.text' is missing.")
  }
  if (type === 'button') return buttonsError(action)
  if (type === 'list') return listError(action)
  if (type === 'product_list') return productsError(action)
  return undefined
}

function buttonsError({ buttons = [] }: Interactive['action']): GraphError | undefined {
  for (const { reply } of buttons) {
    if (blank(reply.title)) return invalid('Button title length invalid. Min length: 1, Max length: 20')
    if (blank(reply.id)) return invalid('Button reply id is invalid. Min length: 1, Max length: 256')
  }
  const ids = buttons.map(button => button.reply.id)
  const titles = buttons.map(button => button.reply.title)
  return repeated(ids, 'button reply id') ?? repeated(titles, 'button title')
}

function listError({ button, sections = [] }: Interactive['action']): GraphError | undefined {
  if (!button) return graphError(131008, "Parameter 'interactive.action.button' is missing.")
  const rows = sections.flatMap(section => section.rows ?? [])
  if (rows.length === 0) return invalid('A list needs at least one row.')
  if (rows.length > 10) return invalid(`Total row count exceed max allowed count: 10, got ${rows.length}`)
  if (sections.length > 1 && sections.some(section => !section.title)) {
    return invalid('Section title is required when there is more than one section.')
  }
  if (rows.some(row => blank(row.title))) return invalid('Row title is empty. Min length: 1, Max length: 24')
  if (rows.some(row => blank(row.id))) return invalid('Row id is empty. Min length: 1, Max length: 200')
  const ids = rows.map(row => row.id)
  return repeated(ids, 'row id')
}

function productsError({ sections = [] }: Interactive['action']): GraphError | undefined {
  const count = sections.reduce((sum, section) => sum + (section.product_items?.length ?? 0), 0)
  return count > 30 ? invalid(`Total product count exceed max allowed count: 30, got ${count}`) : undefined
}

/** Characters are counted only where there may be too many. */
const exceeds = (text: string, limit: number) => text.length > limit && [...text].length > limit
const invalid = (details: string) => graphError(131009, details)
const blank = (text: string) => text.trim() === ''

function repeated(values: readonly string[], what: string): GraphError | undefined {
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  return twice === undefined ? undefined : invalid(`Duplicated ${what} \`${twice}\`.`)
}
