import type { Clock, Jobs, Messages } from 'portolan'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { Money } from '../../domain/money.ts'
import type { RefundRepository } from '../../domain/refund/refund-repository.ts'
import { refundPaid } from '../chat/answers.ts'
import type { Correspondence } from '../chat/correspondence.ts'
import { RefundPaid, RefundRequested } from '../events.ts'
import { PayRefund } from '../jobs.ts'
import type { SalesFigures } from '../ports/sales-figures.ts'

/** What follows from a refund. */
export function followRefunds(uses: {
  readonly messages: Messages
  readonly jobs: Jobs
  readonly refunds: RefundRepository
  readonly customers: CustomerRepository
  readonly correspondence: Correspondence
  readonly salesFigures: SalesFigures
  readonly clock: Clock
}): void {
  const { messages, jobs, refunds, customers, correspondence, salesFigures, clock } = uses

  messages.subscribe(RefundRequested, { group: 'payment' }, async ({ data: { refundId } }) => {
    await jobs.enqueue(PayRefund, { refundId })
  })
  messages.subscribe(RefundPaid, { group: 'confirmation' }, async ({ data: { refundId, customerId } }) => {
    const customer = await customers.get(customerId)
    const inWindow = customer.isInWindow(new Date(clock.now()))
    await correspondence.say(customer, refundPaid(await refunds.get(refundId), inWindow))
  })
  messages.subscribe(RefundPaid, { group: 'figures' }, async ({ data: { total, returnedAt } }) => {
    await salesFigures.addRefund(new Date(returnedAt), Money.parse(total))
  })
}
