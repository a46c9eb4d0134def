import type { Customer } from '../../domain/customer/customer.ts'
import type { Order } from '../../domain/order/order.ts'

export interface ReceiptRenderer {
  /** A complete page. */
  html(order: Order, customer: Customer): string
  pdf(order: Order, customer: Customer): Promise<Uint8Array>
}

/** Where the receipt of an order lies in the shop's files: by the year and month of the order. */
export function receiptPath(order: Pick<Order, 'id' | 'orderedAt'>, format: 'html' | 'pdf'): string {
  const [year, month] = order.orderedAt.toISOString().split('-')
  return `receipts/${year}/${month}/${order.id}.${format}`
}
