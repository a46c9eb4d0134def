import type { Rest } from 'portolan/rest'
import { z } from 'zod'
import type { CustomerQueries, MessageRow, OrderQueries } from '../../application/ports/staff-queries.ts'
import { chatText, plainChatText } from './chat-text.ts'
import { live, notFound, page } from './layout.ts'
import { html, type Markup } from './markup.ts'
import { orderTable } from './order-pages.ts'
import { cell, facts, further, moment, money, path, search, table } from './parts.ts'

const listQuery = z.object({ text: z.string().max(200).default(''), after: z.string().optional() })
const pageQuery = z.object({ after: z.string().optional() })
const limit = 50

export function serveCustomerPages(
  rest: Rest,
  uses: { readonly customers: CustomerQueries; readonly orders: OrderQueries },
): void {
  const { customers, orders } = uses

  rest.page({
    method: 'GET',
    path: '/customers',
    query: listQuery,
    async handler({ query }) {
      const { items, next } = await customers.list({ ...query, limit })
      const list = table(
        ['Name', 'WhatsApp', 'Orders', 'Spent', 'Last seen'],
        items.map(
          customer => html`<tr>
${cell('Name', html`<a href="${path('customers', customer.id)}">${customer.name}</a>`)}
${cell('WhatsApp', whatsAppName(customer.waId))}
${cell('Orders', customer.orders, 'number')}
${cell('Spent', money(customer.spent), 'number')}
${cell('Last seen', moment(customer.lastSeenAt))}
</tr>`,
        ),
        'There are none.',
      )
      return page(
        'Customers',
        'Customers',
        html`${search('/customers', query.text, 'Name or number')}
${live('customers', html`${list}${further('/customers', { text: query.text, after: next })}`)}`,
      )
    },
  })

  rest.page({
    method: 'GET',
    path: '/customers/:id',
    query: pageQuery,
    async handler({ params: { id }, query }) {
      const customer = await customers.find(id)
      if (!customer) return notFound('Customers', `customer ${id}`)
      const bought = await orders.list({ customerId: id, limit, ...query })
      return page(
        'Customers',
        customer.name,
        live(
          'customer',
          html`${facts([
            ['WhatsApp', whatsAppName(customer.waId)],
            ['Mail', customer.email ?? '–'],
            ['Orders', customer.orders],
            ['Spent', money(customer.spent)],
            ['First seen', moment(customer.firstSeenAt)],
            ['Last seen', moment(customer.lastSeenAt)],
          ])}
<p class="actions"><a class="button" href="${path('conversations', id)}">Conversation</a></p>
<h2>Orders</h2>
${orderTable(bought.items, 'Nothing bought yet.')}${further(path('customers', id), { after: bought.next })}`,
        ),
      )
    },
  })

  rest.page({
    method: 'GET',
    path: '/conversations',
    query: pageQuery,
    async handler({ query }) {
      const { items, next } = await customers.conversations({ ...query, limit })
      const list = items.map(
        item =>
          html`<li><a href="${path('conversations', item.customerId)}"><b>${item.name}</b>${moment(item.lastAt)}<span>${plainChatText(item.lastMessage)}</span></a></li>`,
      )
      return page(
        'Conversations',
        'Conversations',
        live(
          'conversations',
          html`${items.length > 0 ? html`<ul class="conversations">${list}</ul>` : html`<p class="nothing">Nobody has written yet.</p>`}${further('/conversations', { after: next })}`,
        ),
      )
    },
  })

  rest.page({
    method: 'GET',
    path: '/conversations/:id',
    query: pageQuery,
    async handler({ params: { id }, query }) {
      const customer = await customers.find(id)
      if (!customer) return notFound('Conversations', `conversation with ${id}`)
      const { items, next } = await customers.messages(id, { ...query, limit })
      return page(
        'Conversations',
        customer.name,
        html`<p class="actions"><a class="button" href="${path('customers', id)}">Customer</a></p>
${live('messages', html`${further(path('conversations', id), { after: next })}<ol class="chat">${items.toReversed().map(bubble)}</ol>`)}`,
      )
    },
  })
}

/** A number as people write it; who hides the number is shown by the user id. */
function whatsAppName(waId: string): string {
  return /^\d+$/.test(waId) ? `+${waId}` : waId
}

function bubble(message: MessageRow): Markup {
  return html`<li class="${message.direction}"><p>${chatText(message.text)}</p>${message.choices.length > 0 && html`<p class="choices">${message.choices.map(choice => html`<span>${choice}</span>`)}</p>`}<footer>${moment(message.at)}${message.status && html` · <span class="${message.status}">${message.status}</span>`}${message.reason && html`: ${message.reason}`}</footer></li>`
}
