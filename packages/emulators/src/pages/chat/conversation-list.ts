import type { Conversation } from '../../whatsapp/conversations.ts'
import { type Html, html } from '../html.ts'
import { plain } from './text.ts'
import { whenOf } from './time.ts'

/** The people to play, latest first. */
export function conversationList(
  conversations: readonly Conversation[],
  selected: string | undefined,
  now: number,
): Html {
  if (conversations.length === 0) return html`<li class="nobody">Nobody yet. Create a customer to begin.</li>`
  return html`${conversations.map(conversation => row(conversation, selected, now))}`
}

function row(
  { waId, name, text, from, at, unread }: Conversation,
  selected: string | undefined,
  now: number,
): Html {
  return html`<li><a href="/chat/${waId}" ${waId === selected ? html`aria-current="true"` : ''}>
${avatar(name, waId)}
<span class="summary"><span class="line"><b>${name}</b>${at && html`<time>${whenOf(at, now)}</time>`}</span>
<span class="line"><span class="last">${from === 'customer' ? 'You: ' : ''}${text === undefined ? 'No messages yet' : plain(text).slice(0, 120)}</span>${
    unread > 0 &&
    waId !== selected &&
    html`<span class="unread" aria-label="${unread} unread">${unread > 99 ? '99+' : unread}</span>`
  }</span></span></a></li>`
}

/** Initials on one of eight colours. */
export function avatar(name: string, waId: string): Html {
  const letters = name
    .replace(/^\+/, '')
    .split(/\s+/)
    .map(word => [...word][0] ?? '')
  const initials = (letters.length > 1 ? letters[0]! + letters.at(-1)! : (letters[0] ?? '?')).toUpperCase()
  return html`<span class="avatar tone-${Number(waId.slice(-3)) % 8}" aria-hidden="true">${initials}</span>`
}
