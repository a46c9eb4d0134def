import type { Rest } from 'portolan/rest'
import { z } from 'zod'
import type { OrderStep } from '../../application/ports/order-steps.ts'
import type { LineRow, OrderQueries, OrderRow, RefundRow } from '../../application/ports/staff-queries.ts'
import { live, notFound, page } from './layout.ts'
import { html, type Markup } from './markup.ts'
import { badge, cell, facts, further, moment, money, path, table } from './parts.ts'

const listQuery = z.object({
  status: z.enum(['placed', 'paid', 'cancelled']).optional().catch(undefined),
  after: z.string().optional(),
})
const limit = 50

export function serveOrderPages(rest: Rest, uses: { readonly orders: OrderQueries }): void {
  const { orders } = uses

  rest.page({
    method: 'GET',
    path: '/orders',
    query: listQuery,
    async handler({ query }) {
      const { items, next } = await orders.list({ ...query, limit })
      const filter = (label: string, status: string | undefined) =>
        html`<a href="/orders${status ? `?status=${status}` : ''}" ${query.status === status ? html`aria-current="true"` : ''}>${label}</a>`
      return page(
        'Orders',
        'Orders',
        html`<nav class="filter" aria-label="Filter">${filter('All', undefined)}${filter('Paid', 'paid')}${filter('Waiting', 'placed')}${filter('Cancelled', 'cancelled')}<a href="/refunds">Refunds</a></nav>
${live('orders', html`${orderTable(items, 'There are none.')}${further('/orders', { status: query.status, after: next })}`)}`,
      )
    },
  })

  rest.page({
    method: 'GET',
    path: '/orders/:id',
    async handler({ params: { id } }) {
      const order = await orders.find(id)
      if (!order) return notFound('Orders', `order ${id}`)
      return page(
        'Orders',
        'Order',
        live(
          'order',
          html`${facts([
            ['Number', order.id],
            ['Status', badge(order.status)],
            ['Customer', html`<a href="${path('customers', order.customerId)}">${order.customerName}</a>`],
            ['Ordered', moment(order.orderedAt)],
            ['Total', money(order.total, order.currency)],
            ['Payment', order.paymentId ?? '–'],
            ...(order.cancelReason ? [['Cancelled', order.cancelReason.replaceAll('_', ' ')] as const] : []),
            ['Done', steps(order.steps)],
          ])}
${order.steps.includes('receipt') && html`<p class="actions"><a class="button" href="${path('receipts', order.id)}">Receipt</a> <a class="button" href="${path('receipts', order.id, 'pdf')}">Receipt as PDF</a></p>`}
<h2>Articles</h2>${lineTable(order.lines, order.currency)}
<h2>Refunds</h2>${refundTable(order.refunds)}`,
        ),
      )
    },
  })

  rest.page({
    method: 'GET',
    path: '/refunds',
    query: z.object({ after: z.string().optional() }),
    async handler({ query }) {
      const { items, next } = await orders.refunds({ ...query, limit })
      return page(
        'Orders',
        'Refunds',
        live('refunds', html`${refundTable(items)}${further('/refunds', { after: next })}`),
      )
    },
  })
}

export function orderTable(orders: readonly OrderRow[], nothing: string): Markup {
  return table(
    ['Order', 'Customer', 'Ordered', 'Articles', 'Total', 'Status', 'Done'],
    orders.map(
      order => html`<tr>
${cell('Order', html`<a href="${path('orders', order.id)}">…${order.id.slice(-8)}</a>`)}
${cell('Customer', html`<a href="${path('customers', order.customerId)}">${order.customerName}</a>`)}
${cell('Ordered', moment(order.orderedAt))}
${cell('Articles', order.lines, 'number')}
${cell('Total', money(order.total, order.currency), 'number')}
${cell('Status', badge(order.status))}
${cell('Done', steps(order.steps))}
</tr>`,
    ),
    nothing,
  )
}

function refundTable(refunds: readonly RefundRow[]): Markup {
  return table(
    ['Refund', 'Customer', 'Returned', 'Total', 'Status'],
    refunds.map(
      refund => html`<tr>
${cell('Refund', refund.reference)}
${cell('Customer', html`<a href="${path('customers', refund.customerId)}">${refund.customerName}</a>`)}
${cell('Returned', moment(refund.returnedAt))}
${cell('Total', money(refund.total, refund.currency), 'number')}
${cell('Status', badge(refund.status))}
</tr>`,
    ),
    'There are none.',
  )
}

function lineTable(lines: readonly LineRow[], currency: string): Markup {
  return table(
    ['No.', 'Article', 'Quantity', 'Each', 'Total'],
    lines.map(
      line => html`<tr>
${cell('No.', html`<a href="${path('products', line.sku)}">${line.sku}</a>`)}
${cell('Article', line.name)}
${cell('Quantity', line.quantity, 'number')}
${cell('Each', money(line.unitPrice, currency), 'number')}
${cell('Total', money(line.total, currency), 'number')}
</tr>`,
    ),
    'No articles.',
  )
}

function steps(done: readonly OrderStep[]): Markup {
  const all: readonly OrderStep[] = ['receipt', 'mail', 'confirmation']
  return html`<span class="steps">${all.map(step => html`<span class="${done.includes(step) ? 'done' : 'open'}">${done.includes(step) ? '✓' : '·'} ${step}</span>`)}</span>`
}
