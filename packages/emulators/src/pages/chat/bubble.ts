import { micros } from '../../payments/decimal.ts'
import type { ChatList, ChatMessage, OrderItem } from '../../whatsapp/chat-message.ts'
import { counted } from '../counted.ts'
import { type Html, html } from '../html.ts'
import { icons } from './icons.ts'
import { formatted, plain } from './text.ts'
import { timeOf } from './time.ts'

const statusLabels = {
  accepted: 'Accepted',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Failed',
} as const

/** One message as the customer's phone shows it. `quoted` is the message that it answers. */
export function bubble(message: ChatMessage, quoted: ChatMessage | undefined): Html {
  if (message.from === 'business' && message.errorCode !== undefined) return undelivered(message)
  const mine = message.from === 'customer'
  return html`<li class="message ${mine ? 'mine' : 'theirs'}" data-id="${message.id}" data-seq="${message.seq}" data-status="${message.status}">
<div class="bubble">
<span class="who">${mine ? 'You' : 'Shop'}:</span>
${quoted && quote(quoted)}
${message.header !== undefined && html`<p class="header">${message.header}</p>`}
${message.order ? cart(message.order, message) : html`<p class="text">${formatted(message.text)}</p>`}
${message.footer !== undefined && html`<p class="footer">${message.footer}</p>`}
<span class="meta"><time datetime="${message.at.toISOString()}">${timeOf(message.at)}</time>${
    mine &&
    html`<span class="ticks" title="${statusLabels[message.status]}">${icons.tick}<span class="hidden">${statusLabels[message.status]}</span></span>`
  }</span>
</div>
${message.buttons.length > 0 && replies(message)}
${message.list && sheet(message.id, message.list)}
</li>`
}

function undelivered({ id, seq, errorCode = 0 }: ChatMessage): Html {
  const why = errorCode === 131047 ? 'more than 24 hours after your last one' : `error ${errorCode}`
  return html`<li class="notice" data-id="${id}" data-seq="${seq}">A message of the shop did not reach you: ${why}.</li>`
}

function quote(message: ChatMessage): Html {
  const name = message.from === 'customer' ? 'You' : 'Shop'
  return html`<blockquote class="${message.from === 'customer' ? 'from-me' : 'from-them'}"><b>${name}</b><span>${plain(message.text).slice(0, 140)}</span></blockquote>`
}

function replies({ id, buttons }: ChatMessage): Html {
  return html`<div class="replies">${buttons.map(
    button =>
      html`<button type="button" data-reply="button" data-message="${id}" data-option="${button.id}" data-title="${button.title}">${icons.reply}${button.title}</button>`,
  )}</div>`
}

function sheet(id: string, list: ChatList): Html {
  return html`<div class="replies"><button type="button" data-open-sheet>${icons.list}${list.button}</button></div>
<dialog class="sheet" aria-label="${list.button}">
<header><h2>${list.button}</h2><button type="button" class="icon" data-close aria-label="Close">${icons.close}</button></header>
<div class="options">${list.sections.map(
    section => html`${section.title !== undefined && html`<h3>${section.title}</h3>`}
${section.rows.map(
  row =>
    html`<button type="button" class="option" data-reply="row" data-message="${id}" data-option="${row.id}" data-title="${row.title}" data-description="${row.description ?? ''}"><b>${row.title}</b>${row.description !== undefined && html`<span>${row.description}</span>`}</button>`,
)}`,
  )}</div>
</dialog>`
}

function cart(items: readonly OrderItem[], message: ChatMessage): Html {
  const count = items.reduce((sum, item) => sum + item.quantity, 0)
  const note = (message.content.order as { text?: string }).text
  return html`<details class="cart"><summary><span class="cart-icon">${icons.cart}</span><span><b>${counted(count, 'item')}</b><span>${totalOf(items)}</span></span></summary>
<ul>${items.map(
    item => html`<li><span>${item.productId}</span><span>${item.quantity} × ${item.unitPrice}</span></li>`,
  )}</ul></details>${note ? html`<p class="text">${note}</p>` : ''}`
}

/** Exact, with two decimals at least. */
export function totalOf(items: readonly OrderItem[]): string {
  const total = items.reduce((sum, item) => sum + micros(item.unitPrice) * BigInt(item.quantity), 0n)
  const digits = total.toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0{1,4}$/, '')
  const whole = digits.slice(0, -6).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${items[0]?.currency ?? ''} ${whole}.${fraction}`
}
