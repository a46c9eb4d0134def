import type { NextPayment } from '../../payments/ledger.ts'
import type { ChatMessage } from '../../whatsapp/chat-message.ts'
import type { Conversation } from '../../whatsapp/conversations.ts'
import { type Html, html } from '../html.ts'
import { bubble } from './bubble.ts'
import { conversationList } from './conversation-list.ts'
import { icons } from './icons.ts'
import { dayOf } from './time.ts'

export interface OpenChat {
  readonly waId: string
  readonly name: string
  readonly messages: readonly ChatMessage[]
  readonly more: boolean
  readonly nextPayment: NextPayment
  readonly find: (id: string) => ChatMessage | undefined
}

export interface ChatView {
  readonly businessName: string
  readonly conversations: readonly Conversation[]
  readonly now: number
  readonly catalogue: boolean
  readonly open: OpenChat | undefined
}

export function chatPage(view: ChatView): Html {
  const { open, conversations, now } = view
  return html`<main class="chat ${open ? 'has-open' : ''}">
<section class="people" aria-label="Customers">
<header><h1>Customers</h1><button type="button" class="icon" id="new-customer" aria-label="New customer" title="New customer">${icons.add}</button></header>
<label class="search"><span class="hidden">Search customers</span><input type="search" id="search" placeholder="Search name or number" autocomplete="off"></label>
<ul id="conversations">${conversationList(conversations, open?.waId, now)}</ul>
</section>
${open ? conversation(view, open) : nothingOpen()}
</main>
${newCustomer()}
${view.catalogue && open && catalogue()}`
}

function conversation({ businessName, catalogue }: ChatView, open: OpenChat): Html {
  return html`<section class="conversation" aria-label="Chat with ${businessName}" data-wa-id="${open.waId}">
<header>
<a class="icon back" href="/chat" aria-label="All customers">${icons.back}</a>
<span class="avatar shop" aria-hidden="true">${icons.shop}</span>
<div class="title"><h2>${businessName}</h2><p><span id="presence">You are ${open.name} · +${open.waId}</span></p></div>
${paymentSwitch(open.nextPayment)}
</header>
<div class="scroll" id="scroll" tabindex="0" role="log" aria-live="polite" aria-label="Messages">
${open.more && html`<button type="button" id="older">Earlier messages</button>`}
<ol id="messages">${bubbles(open.messages, open.find)}</ol>
<p class="hint">Nothing said yet. Say hello, and the shop answers.</p>
<p class="typing" id="typing" hidden><span></span><span></span><span></span><span class="hidden">The shop is typing</span></p>
</div>
<button type="button" id="latest" class="icon" aria-label="Latest messages" hidden>${icons.back}</button>
<form id="composer" autocomplete="off">
${catalogue && html`<button type="button" class="icon" id="open-catalogue" aria-label="Catalogue" title="Catalogue">${icons.cart}</button>`}
<label class="hidden" for="text">Message</label>
<textarea id="text" rows="1" maxlength="4096" placeholder="Message" enterkeyhint="send"></textarea>
<button class="icon send" aria-label="Send">${icons.send}</button>
</form>
</section>`
}

/** A day is announced where it begins. */
export function bubbles(
  messages: readonly ChatMessage[],
  find: (id: string) => ChatMessage | undefined,
): Html {
  let day = ''
  return html`${messages.map(message => {
    const today = dayOf(message.at)
    const separator = today !== day && html`<li class="day">${today}</li>`
    day = today
    const quoted = message.replyTo === undefined ? undefined : find(message.replyTo)
    return html`${separator}${bubble(message, quoted)}`
  })}`
}

function paymentSwitch(next: NextPayment): Html {
  const option = (value: NextPayment, label: string) =>
    html`<option value="${value}" ${value === next ? html`selected` : ''}>${label}</option>`
  return html`<label class="payment">Next payment
<select id="next-payment">${option('approve', 'Approve')}${option('decline', 'Decline')}${option('timeout', 'Time out')}</select></label>`
}

function nothingOpen(): Html {
  return html`<section class="conversation nothing"><div><span class="avatar shop" aria-hidden="true">${icons.shop}</span>
<h2>Play a customer</h2><p>Pick somebody on the left, or create a customer, and write to the shop.</p></div></section>`
}

function newCustomer(): Html {
  return html`<dialog class="sheet" id="customer-dialog" aria-label="New customer">
<header><h2>New customer</h2><button type="button" class="icon" data-close aria-label="Close">${icons.close}</button></header>
<form id="customer-form"><label>Name<input name="name" required maxlength="60" placeholder="Ada Lovelace" autocomplete="off"></label>
<label>Phone number<input name="waId" required inputmode="tel" placeholder="+44 7700 900123" autocomplete="off"></label>
<p class="problem" role="alert" hidden></p>
<button class="primary">Start chatting</button></form>
</dialog>`
}

function catalogue(): Html {
  return html`<dialog class="sheet tall" id="catalogue" aria-label="Catalogue">
<header><h2>Catalogue</h2><button type="button" class="icon" data-close aria-label="Close">${icons.close}</button></header>
<label class="search"><span class="hidden">Search products</span><input type="search" id="product-search" placeholder="Search products" autocomplete="off"></label>
<ul id="products" class="products"></ul>
<footer><p class="problem" role="alert" hidden></p><button type="button" class="primary" id="send-cart" disabled>Choose something</button></footer>
</dialog>`
}
