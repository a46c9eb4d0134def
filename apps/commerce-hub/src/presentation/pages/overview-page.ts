import type { Rest } from 'portolan/rest'
import type { Operations } from '../../application/ports/operations.ts'
import type { FigureQueries, OrderQueries } from '../../application/ports/staff-queries.ts'
import { live, page } from './layout.ts'
import { html } from './markup.ts'
import { orderTable } from './order-pages.ts'
import { cell, money, table } from './parts.ts'

export function serveOverview(
  rest: Rest,
  uses: { readonly figures: FigureQueries; readonly orders: OrderQueries; readonly operations: Operations },
): void {
  const { figures, orders, operations } = uses
  rest.page({
    method: 'GET',
    path: '/',
    async handler() {
      const { paid, waiting, cancelled, refunds, products, customers } = await figures.overview()
      const { retrying, dead } = await operations.workload()
      const days = await figures.days(7)
      const latest = await orders.list({ limit: 10 })
      const tile = (label: string, value: number, href: string, kind = '') =>
        html`<a class="tile ${kind}" href="${href}"><b>${value.toLocaleString('en-GB')}</b><span>${label}</span></a>`
      return page(
        'Overview',
        'Overview',
        live(
          'overview',
          html`<div class="tiles">
${tile('paid orders', paid, '/orders?status=paid')}
${tile('waiting for payment', waiting, '/orders?status=placed')}
${tile('cancelled', cancelled, '/orders?status=cancelled')}
${tile('refunds', refunds, '/refunds')}
${tile('products', products, '/products')}
${tile('customers', customers, '/customers')}
${tile('being retried', retrying, '/work', retrying > 0 ? 'warning' : '')}
${tile('given up', dead, '/work', dead > 0 ? 'alarm' : '')}
</div>
<h2>Latest orders</h2>
${orderTable(latest.items, 'Nobody has ordered yet. Open the chat page of the emulator and say “menu”.')}
<h2>By day</h2>
${table(
  ['Day', 'Orders', 'Sales', 'Refunds', 'Refunded'],
  days.map(
    day =>
      html`<tr>${cell('Day', day.day)}${cell('Orders', day.orders, 'number')}${cell('Sales', money(day.sales), 'number')}${cell('Refunds', day.refunds, 'number')}${cell('Refunded', money(day.refunded), 'number')}</tr>`,
  ),
  'No figures yet.',
)}`,
        ),
      )
    },
  })
}
