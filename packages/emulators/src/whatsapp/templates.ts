import type { Store } from '../store/store.ts'
import { type GraphError, graphError } from './errors.ts'
import type { TemplateUse } from './request.ts'

export interface TemplateComponent {
  readonly type: string
  readonly text?: string
  readonly [property: string]: unknown
}

export interface Template {
  readonly id: string
  readonly name: string
  readonly language: string
  readonly category: string
  readonly status: 'APPROVED'
  readonly components: readonly TemplateComponent[]
}

export interface Templates {
  list(name?: string): Template[]
  /** `undefined` when there is one of this name in this language. Approved at once: nobody is here to review it. */
  create(template: Pick<Template, 'name' | 'language' | 'category' | 'components'>): Template | undefined
  delete(name: string): boolean
  /** The text that the customer reads, or why the template cannot be used like that. */
  render(use: TemplateUse): string | GraphError
}

const schema = `
  CREATE TABLE IF NOT EXISTS whatsapp_templates (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, category TEXT NOT NULL, components TEXT NOT NULL,
    UNIQUE (name, language)
  );
`

export function createTemplates(store: Store, nextId: () => string): Templates {
  store.define(schema)
  const insert = store.write(`
    INSERT INTO whatsapp_templates (id, name, language, category, components) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`)
  const remove = store.write('DELETE FROM whatsapp_templates WHERE name = ?')
  const all = store.all<TemplateRow>(
    'SELECT * FROM whatsapp_templates WHERE ?1 IS NULL OR name = ?1 ORDER BY name',
  )
  const one = store.one<TemplateRow>('SELECT * FROM whatsapp_templates WHERE name = ? AND language = ?')

  return {
    list: name => all(name ?? null).map(toTemplate),
    create({ name, language, category, components }) {
      const id = nextId()
      if (insert(id, name, language, category, JSON.stringify(components)) === 0) return undefined
      return { id, name, language, category, status: 'APPROVED', components }
    },
    delete: name => remove(name) > 0,
    render(use) {
      const row = one(use.name, use.language.code)
      if (!row) {
        return graphError(
          132001,
          `template name (${use.name}) does not exist in ${use.language.code}: create it with POST /{business-account-id}/message_templates`,
        )
      }
      return fill(toTemplate(row), use)
    },
  }
}

interface TemplateRow {
  readonly id: string
  readonly name: string
  readonly language: string
  readonly category: string
  readonly components: string
}

function toTemplate({ components, ...row }: TemplateRow): Template {
  return { ...row, status: 'APPROVED', components: JSON.parse(components) }
}

function fill(template: Template, use: TemplateUse): string | GraphError {
  const body = template.components.find(component => component.type.toUpperCase() === 'BODY')?.text ?? ''
  const expected = new Set(body.match(/\{\{\d+\}\}/g) ?? []).size
  const given = use.components?.find(component => component.type.toLowerCase() === 'body')?.parameters ?? []
  if (given.length !== expected) {
    return graphError(
      132000,
      `body: number of localizable_params (${given.length}) does not match the expected number of params (${expected})`,
    )
  }
  return body.replace(/\{\{(\d+)\}\}/g, (placeholder, index) => given[Number(index) - 1]?.text ?? placeholder)
}
