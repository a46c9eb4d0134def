import { html, type Markup } from './markup.ts'

/** WhatsApp's mark of bold text: `*…*` around words, within a line. A lone asterisk, as in the name of a product, is none. */
const bold = /(?<!\S)\*(\S|\S[^*\n]*\S)\*(?!\w)/g

/** What was said in a chat, with bold text as WhatsApp shows it. */
export function chatText(text: string): Markup {
  // Every second piece stood between two marks.
  const pieces = text.split(bold)
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<b>${piece}</b>` : piece))}`
}

/** The same without marks, for a line that sums it up. */
export const plainChatText = (text: string): string => text.replace(bold, '$1')
