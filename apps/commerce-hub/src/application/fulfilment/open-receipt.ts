import type { Files } from 'portolan'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { type ReceiptRenderer, receiptPath } from '../ports/receipt-renderer.ts'

/**
 * Where the receipt of an order lies; `undefined` when there is none yet. Its PDF is made when somebody first asks for it, and kept.
 */
export function createOpenReceipt(uses: {
  readonly orders: OrderRepository
  readonly customers: CustomerRepository
  readonly receiptRenderer: ReceiptRenderer
  readonly files: Files
}) {
  const { orders, customers, receiptRenderer, files } = uses
  return async (orderId: string, format: 'html' | 'pdf'): Promise<string | undefined> => {
    const order = await orders.find(orderId)
    if (order?.status !== 'paid' || !(await files.stat(receiptPath(order, 'html')))) return undefined
    const path = receiptPath(order, format)
    if (format === 'pdf' && !(await files.stat(path))) {
      const customer = await customers.get(order.customerId)
      await files.write(path, await receiptRenderer.pdf(order, customer), { contentType: 'application/pdf' })
    }
    return path
  }
}

export type OpenReceipt = ReturnType<typeof createOpenReceipt>
