import { escapeHtml } from 'portolan/rest'

/** HTML that is safe to send: made by `html` alone, which escapes whatever is put into it. */
export class Markup {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

type Content = Markup | string | number | null | undefined | false | readonly Content[]

/**
 * A template of HTML. Texts and numbers are escaped, markup and lists of it are put in as they are, nothing is shown for nothing.
 *
 * @example
 * html`<ul>${names.map(name => html`<li>${name}</li>`)}</ul>`
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let text = parts[0] ?? ''
  contents.forEach((content, index) => {
    text += textOf(content) + parts[index + 1]
  })
  return new Markup(text)
}

function textOf(content: Content): string {
  if (content === null || content === undefined || content === false) return ''
  if (content instanceof Markup) return content.toString()
  if (Array.isArray(content)) return content.map(textOf).join('')
  return escapeHtml(content)
}
