import { head } from '../../domain/text.ts'
import type { IncomingContent, OrderedItem } from '../ports/chat-log.ts'

/** What a customer wants, whichever way they said it. */
export type Command =
  | { readonly kind: 'menu' | 'cart' | 'checkout' | 'help' | 'clear' | 'return' | 'not_understood' }
  | { readonly kind: 'search'; readonly text: string; readonly offset: number }
  | { readonly kind: 'show'; readonly sku: string }
  | { readonly kind: 'add'; readonly sku: string; readonly quantity: number }
  | { readonly kind: 'remove'; readonly sku: string }
  | { readonly kind: 'email'; readonly address: string }
  | { readonly kind: 'pay'; readonly cartId: string; readonly revision: number }
  | { readonly kind: 'cancel'; readonly cartId: string }
  | { readonly kind: 'order'; readonly items: readonly OrderedItem[] }

export function commandOf(content: IncomingContent): Command {
  if (content.type === 'order') return { kind: 'order', items: content.items }
  if (content.type === 'choice') return choice(content.id)
  if (content.type === 'text') return typed(content.body)
  return { kind: 'not_understood' }
}

const synonyms: Readonly<Record<string, Command>> = {
  menu: { kind: 'menu' },
  hi: { kind: 'menu' },
  hello: { kind: 'menu' },
  start: { kind: 'menu' },
  cart: { kind: 'cart' },
  basket: { kind: 'cart' },
  checkout: { kind: 'checkout' },
  pay: { kind: 'checkout' },
  help: { kind: 'help' },
  clear: { kind: 'clear' },
}

function typed(body: string): Command {
  const text = body.trim().replace(/\s+/g, ' ')
  const word = text.toLowerCase()
  if (Object.hasOwn(synonyms, word)) return synonyms[word]!
  const [verb = '', ...rest] = text.split(' ')
  const argument = rest.join(' ')
  switch (verb.toLowerCase()) {
    case 'search':
    case 'find':
      return argument ? { kind: 'search', text: head(argument, 100), offset: 0 } : { kind: 'help' }
    case 'email':
      return { kind: 'email', address: argument }
    case 'return':
      return { kind: 'return' }
    case 'remove':
      return argument ? { kind: 'remove', sku: argument.toUpperCase() } : { kind: 'help' }
    case 'add': {
      const [sku, quantity = '1'] = rest
      return sku ? { kind: 'add', sku: sku.toUpperCase(), quantity: wholeNumber(quantity) } : { kind: 'help' }
    }
    default:
      return { kind: 'not_understood' }
  }
}

/** The ids of buttons and rows, as `answers.ts` makes them. */
function choice(id: string): Command {
  const [verb = '', first = '', second = ''] = id.split(':')
  switch (verb) {
    case 'menu':
    case 'cart':
    case 'checkout':
    case 'help':
    case 'clear':
      return { kind: verb }
    case 'search':
      return {
        kind: 'search',
        offset: wholeNumber(first),
        text: head(id.slice(`search:${first}:`.length), 100),
      }
    case 'show':
      return { kind: 'show', sku: first }
    case 'add':
      return { kind: 'add', sku: first, quantity: wholeNumber(second) }
    case 'pay':
      return { kind: 'pay', cartId: first, revision: wholeNumber(second) }
    case 'cancel':
      return { kind: 'cancel', cartId: first }
    default:
      return { kind: 'not_understood' }
  }
}

/** NaN for anything else, which no quantity, offset or revision accepts. */
function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}
