import type { ChatContent } from 'portolan'
import type { IncomingContent } from '../../application/ports/chat-log.ts'

/** What a stored message said, as a person reads it. */
export function messageText(content: IncomingContent | ChatContent): { text: string; choices: string[] } {
  switch (content.type) {
    case 'text':
      return { text: content.body, choices: [] }
    case 'choice':
      return { text: content.title, choices: [] }
    case 'order': {
      const pieces = content.items.reduce((count, item) => count + item.quantity, 0)
      return {
        text: `Order from the catalogue: ${content.items.length} articles, ${pieces} pieces`,
        choices: [],
      }
    }
    case 'other':
      return { text: `(${content.kind})`, choices: [] }
    case 'buttons':
      return { text: content.body, choices: content.buttons.map(button => button.title) }
    case 'list':
      return {
        text: content.body,
        choices: content.sections.flatMap(section => section.rows.map(row => row.title)),
      }
    case 'template':
      return { text: `Template ${content.name}: ${(content.parameters ?? []).join(', ')}`, choices: [] }
  }
}
