import { escapeHtml } from 'portolan/rest'

/** HTML that may stand in a page as it is. */
export interface Html {
  readonly html: string
}

type Piece = Html | string | number | false | undefined | readonly Piece[]

/**
 * HTML with values in it: text is escaped, HTML stays, lists are joined, `false` and `undefined` vanish. Attributes must be quoted.
 *
 * @example
 * html`<li title="${name}">${lines.map(line => html`<b>${line}</b>`)}</li>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  let text = strings[0]!
  for (let i = 0; i < values.length; i++) text += piece(values[i]) + strings[i + 1]!
  return { html: text }
}

/** For what was escaped before. */
export function raw(text: string): Html {
  return { html: text }
}

function piece(value: Piece): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if ('html' in value) return value.html
  return value.map(piece).join('')
}
