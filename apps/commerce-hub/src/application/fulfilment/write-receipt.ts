import type { Clock, Files, JobContext, UnitOfWork } from 'portolan'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import type { OrderSteps } from '../ports/order-steps.ts'
import { type ReceiptRenderer, receiptPath } from '../ports/receipt-renderer.ts'

/** The job that writes the receipt of a paid order into the shop's files. Written twice, it is the same file. */
export function createWriteReceipt(uses: {
  readonly unitOfWork: UnitOfWork
  readonly orders: OrderRepository
  readonly customers: CustomerRepository
  readonly orderSteps: OrderSteps
  readonly receiptRenderer: ReceiptRenderer
  readonly files: Files
  readonly clock: Clock
}) {
  const { unitOfWork, orders, customers, orderSteps, receiptRenderer, files, clock } = uses
  return async ({ orderId }: { orderId: string }, job: JobContext): Promise<void> => {
    const order = await orders.get(orderId)
    const customer = await customers.get(order.customerId)
    await files.write(receiptPath(order, 'html'), receiptRenderer.html(order, customer), {
      contentType: 'text/html; charset=utf-8',
      signal: job.signal,
    })
    await unitOfWork.run(async () => {
      await orderSteps.done(orderId, 'receipt', new Date(clock.now()))
      await job.complete()
    })
  }
}
