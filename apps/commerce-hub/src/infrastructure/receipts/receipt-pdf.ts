import PDFDocument from 'pdfkit'
import type { Customer } from '../../domain/customer/customer.ts'
import { lineTotal } from '../../domain/line.ts'
import type { Order } from '../../domain/order/order.ts'

const columns = [50, 95, 380, 460] as const
const widths = [40, 280, 75, 85] as const

/** The receipt of an order as a PDF: A4, as many pages as it takes. */
export async function receiptPdf(order: Order, customer: Customer): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: 'A4',
    margin: 50,
    info: { Title: `Receipt ${order.id}`, CreationDate: order.orderedAt },
  })
  const chunks: Uint8Array[] = []
  const finished = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    document.on('end', resolve)
    document.on('error', reject)
  })

  document.font('Helvetica-Bold').fontSize(20).text('Receipt').moveDown(0.5)
  document.font('Helvetica').fontSize(10)
  document.text(`Order ${order.id}`)
  document.text(`Date ${order.orderedAt.toISOString().slice(0, 10)}`)
  document.text(`Customer ${printable(customer.name)}`)
  document.text(`Payment ${order.paymentId ?? ''}`).moveDown(1)

  row(document, ['Qty', 'Article', 'Each', 'Total'], true)
  for (const line of order.lines) {
    row(document, [
      String(line.quantity),
      `${printable(line.name)} (${line.sku})`,
      line.unitPrice.toString(),
      lineTotal(line).toString(),
    ])
  }
  document.moveDown(0.5)
  row(document, ['', 'Total paid', '', order.total.toString()], true)
  document.end()
  await finished
  return Buffer.concat(chunks)
}

function row(document: PDFKit.PDFDocument, cells: readonly string[], bold = false): void {
  document.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(10)
  const height = document.heightOfString(cells[1] ?? '', { width: widths[1] })
  if (document.y + height > document.page.height - 60) document.addPage()
  const top = document.y
  cells.forEach((cell, index) => {
    document.text(cell, columns[index], top, { width: widths[index], align: index === 1 ? 'left' : 'right' })
  })
  document.x = columns[0]
  document.y = top + height + 4
}

/** The built-in fonts know the letters of Western Europe; what they lack is shown as a question mark. */
function printable(text: string): string {
  return text.replace(/[^\u0020-\u007e\u00a0-\u00ff]/g, '?')
}
