import type { FastifyInstance } from 'fastify'
import type { Clock } from 'portolan'
import type { PaymentRecord } from '../payments/payment-record.ts'
import type { Payments } from '../payments/payments.ts'
import { counted } from './counted.ts'
import { type Html, html } from './html.ts'
import { sendPage } from './layout.ts'
import { streamEvents } from './server-events.ts'

const timeOf = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** Charges and refunds as they happen. */
export function addPaymentsPage(server: FastifyInstance, payments: Payments, clock: Clock): void {
  const shown = () => {
    const { charges, refunds } = payments.count()
    return { charges: counted(charges, 'charge'), refunds: counted(refunds, 'refund') }
  }

  server.get('/payments', async (_request, reply) => {
    const records = payments.latest(100)
    const { charges, refunds } = shown()
    return sendPage(reply, {
      title: 'Payments',
      area: 'payments',
      scripts: ['live.js'],
      body: html`<main class="sheet-page">
<header><h1>Payments</h1><p class="lead"><span data-count="charges">${charges}</span>, <span data-count="refunds">${refunds}</span></p></header>
<div class="card table-scroll"><table>
<thead><tr><th>Time</th><th>Kind</th><th>Status</th><th class="amount">Amount</th><th>Reference</th><th>Customer</th><th>Id</th></tr></thead>
<tbody data-live="/payments/events">${records.map(row)}</tbody></table>
${records.length === 0 && html`<p class="empty">No payments yet. They appear here as the application makes them.</p>`}
</div>
<p class="lead">A customer decides the next payment on the <a href="/chat">chat page</a>; declines, timeouts and test amounts are among the <a href="/">fault switches</a>.</p>
</main>`,
    })
  })

  server.get('/payments/events', (_request, reply) => {
    streamEvents(reply, clock, stream =>
      payments.events.subscribe(record =>
        stream.send('row', { id: record.id, html: row(record).html, counts: shown() }),
      ),
    )
  })
}

function row(record: PaymentRecord): Html {
  const { id, object, status, reason, amount, currency, reference, customer, charge, created } = record
  const of = charge !== undefined && html` of <code>${charge.slice(-6)}</code>`
  return html`<tr data-id="${id}"><td class="time">${timeOf.format(new Date(created * 1000))}</td><td class="kind">${object === 'charge' ? 'Charge' : 'Refund'}${of}</td>
<td class="status"><span class="pill ${status}">${status}</span>${reason !== undefined && ` ${reason}`}</td><td class="amount">${object === 'refund' && '−'}${currency} ${amount}</td>
<td class="reference">${reference}</td><td class="customer">${customer}</td><td class="id"><code title="${id}">…${id.slice(-6)}</code></td></tr>`
}
