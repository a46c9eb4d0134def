import { escapeHtml } from 'portolan/rest'
import type { Customer } from '../../domain/customer/customer.ts'
import { lineTotal } from '../../domain/line.ts'
import type { Order } from '../../domain/order/order.ts'

/** The receipt of an order as a page of its own: no script, no picture, nothing from elsewhere. */
export function receiptHtml(order: Order, customer: Customer): string {
  const rows = order.lines.map(
    line =>
      `<tr><td>${line.quantity}</td><td>${escapeHtml(line.name)}<small>${escapeHtml(line.sku)}</small></td><td>${line.unitPrice}</td><td>${lineTotal(line)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Receipt ${escapeHtml(order.id)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Receipt</h1>
<dl>
<dt>Order</dt><dd>${escapeHtml(order.id)}</dd>
<dt>Date</dt><dd>${order.orderedAt.toISOString().slice(0, 10)}</dd>
<dt>Customer</dt><dd>${escapeHtml(customer.name)}</dd>
<dt>Payment</dt><dd>${escapeHtml(order.paymentId ?? '')}</dd>
</dl>
<table>
<thead><tr><th>Qty</th><th>Article</th><th>Each</th><th>Total</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
<tfoot><tr><td colspan="3">Total paid</td><td>${order.total}</td></tr></tfoot>
</table>
<p>Thank you for shopping with us.</p>
</main>
</body>
</html>
`
}

const style = `body{font:16px/1.5 system-ui,sans-serif;color:#222;background:#fff;margin:0}main{max-width:44rem;margin:auto;padding:1.5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#666}dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:1.5rem 0}th,td{text-align:right;padding:.4rem;border-bottom:1px solid #ddd;vertical-align:top}
th:nth-child(2),td:nth-child(2){text-align:left}small{display:block;color:#666}tfoot td:nth-child(n){font-weight:600;border:0;text-align:right}`
