import type { ReceiptRenderer } from '../../application/ports/receipt-renderer.ts'
import { receiptHtml } from './receipt-html.ts'

export const receiptRenderer: ReceiptRenderer = {
  html: receiptHtml,
  async pdf(order, customer) {
    // Loaded when somebody opens the first one: it takes memory that most runs never need.
    const { receiptPdf } = await import('./receipt-pdf.ts')
    return receiptPdf(order, customer)
  },
}
