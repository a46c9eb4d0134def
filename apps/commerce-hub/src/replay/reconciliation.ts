import type { Emulators } from '@portolan/emulators'
import type { Files } from 'portolan'
import { Money } from '../domain/money.ts'
import type { Invoice } from '../retail-data/invoice.ts'
import { orderMessageId } from './player.ts'
import type { ShopClient, ShopOrder, ShopRefund } from './shop-client.ts'
import type { Survey } from './survey.ts'

/** An invoice that was played, in what is needed to look for it. */
export interface PlayedInvoice {
  readonly id: string
  readonly kind: Invoice['kind']
  readonly lines: number
  readonly total: Money
  /** What the shop answered when it would not have it. */
  readonly refusal: string | undefined
}

/** The file against what the shop, the gateway and the inbox have. Amounts are decimal text. */
export interface Reconciliation {
  readonly lines: number
  readonly invoices: number
  readonly orders: number
  readonly refunds: number
  /** Lines that are no sale, by reason. */
  readonly rejected: Readonly<Record<string, number>>
  readonly dataset_total: string
  readonly orders_total: string
  readonly refunds_total: string
  readonly rejected_total: string
  readonly difference: string
  /** Invoices of which something is missing: the order, its payment, receipt, mail or confirmation; the refund or its payment. */
  readonly lost: number
  /** Orders, charges, refunds and payments beyond one an invoice. */
  readonly duplicated: number
  readonly problems: readonly string[]
}

/** As many problems are told one by one; all are counted. */
const problemsKept = 50

export async function reconcile(uses: {
  readonly survey: Survey
  readonly played: Iterable<PlayedInvoice>
  readonly shop: ShopClient
  readonly emulators: Emulators
  readonly files: Files
}): Promise<Reconciliation> {
  const { survey, played, shop, emulators, files } = uses
  const orders = await byReference<ShopOrder>(paidOnes(shop.orders()))
  const refunds = await byReference<ShopRefund>(shop.refunds())
  const charges = succeeded(emulators.payments.charges())
  const repayments = succeeded(emulators.payments.refunds())
  const receipts = await receiptNames(files)

  const rejected = new Map(survey.rejected)
  const problems: string[] = []
  let [lost, duplicated, orderCount, refundCount] = [0, 0, 0, 0]
  let ordersTotal = Money.zero()
  let refundsTotal = Money.zero()
  let rejectedTotal = survey.rejectedTotal

  for (const invoice of played) {
    const missing: string[] = []
    const once = (what: string, count: number) => {
      if (count === 0) missing.push(what)
      duplicated += Math.max(0, count - 1)
      if (count > 1) problems.push(`${invoice.id}: ${count} times ${what}`)
    }
    if (invoice.refusal !== undefined) {
      rejected.set('refused_by_shop', (rejected.get('refused_by_shop') ?? 0) + invoice.lines)
      rejectedTotal = rejectedTotal.plus(invoice.total)
      problems.push(`${invoice.id}: refused: ${invoice.refusal}`)
      continue
    }
    if (invoice.kind === 'sale') {
      const found = orders.get(orderMessageId(invoice.id)) ?? []
      once('order', found.length)
      for (const order of found) {
        orderCount += 1
        ordersTotal = ordersTotal.plus(Money.parse(order.total))
        once('charge', charges.get(order.id) ?? 0)
        if (!receipts.has(order.id) || !order.steps.includes('receipt')) missing.push('receipt')
        if (!emulators.mail.has(`order-${order.id}@example.com`) || !order.steps.includes('mail'))
          missing.push('mail')
        if (!order.steps.includes('confirmation')) missing.push('confirmation')
      }
    } else {
      const found = refunds.get(invoice.id) ?? []
      once('refund', found.length)
      for (const refund of found) {
        refundCount += 1
        refundsTotal = refundsTotal.minus(Money.parse(refund.total))
        once('repayment', repayments.get(refund.id) ?? 0)
        if (refund.status !== 'paid') missing.push('payment of the refund')
      }
    }
    if (missing.length === 0) continue
    lost += 1
    problems.push(`${invoice.id}: no ${missing.join(', no ')}`)
  }

  return {
    lines: survey.lines,
    invoices: survey.invoices,
    orders: orderCount,
    refunds: refundCount,
    rejected: Object.fromEntries(rejected),
    dataset_total: survey.total.toDecimal(),
    orders_total: ordersTotal.toDecimal(),
    refunds_total: refundsTotal.toDecimal(),
    rejected_total: rejectedTotal.toDecimal(),
    difference: survey.total.minus(ordersTotal).minus(refundsTotal).minus(rejectedTotal).toDecimal(),
    lost,
    duplicated,
    problems: problems.slice(0, problemsKept),
  }
}

async function* paidOnes(orders: AsyncIterable<ShopOrder>): AsyncGenerator<ShopOrder> {
  for await (const order of orders) if (order.status === 'paid') yield order
}

async function byReference<Item extends { readonly reference: string }>(
  items: AsyncIterable<Item>,
): Promise<Map<string, Item[]>> {
  const found = new Map<string, Item[]>()
  for await (const item of items) {
    const same = found.get(item.reference)
    if (same) same.push(item)
    else found.set(item.reference, [item])
  }
  return found
}

/** How often money moved for each reference. */
function succeeded(
  payments: Iterable<{ readonly reference: string; readonly status: string }>,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { reference, status } of payments) {
    if (status === 'succeeded') counts.set(reference, (counts.get(reference) ?? 0) + 1)
  }
  return counts
}

async function receiptNames(files: Files): Promise<Set<string>> {
  const names = new Set<string>()
  for await (const { path } of files.list({ prefix: 'receipts/' })) {
    const match = /([^/]+)\.html$/.exec(path)
    if (match) names.add(match[1]!)
  }
  return names
}
