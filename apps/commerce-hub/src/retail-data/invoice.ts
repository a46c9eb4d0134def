import { Money } from '../domain/money.ts'
import type { MalformedLine, SalesLine } from './sales-line.ts'

/** Why a line is neither a sale nor a return. */
export type Rejection =
  | 'fee'
  | 'stock_adjustment'
  | 'zero_price'
  | 'zero_quantity'
  | 'negative_price'
  | 'not_a_return'
  | 'accounting_adjustment'

/** One invoice of the file, its lines sorted by what they are. */
export interface Invoice {
  /** Unique in a file; where the lines of an invoice do not stand together, the later parts are `536365-2`, `536365-3`, …. */
  readonly id: string
  readonly number: string
  readonly kind: 'sale' | 'return'
  readonly customer: string
  readonly invoicedAt: Date
  /** What was sold, or what came back; quantities are positive either way. */
  readonly lines: readonly SalesLine[]
  readonly rejected: readonly { readonly line: SalesLine; readonly reason: Rejection }[]
}

/** Codes that stand for postage, discounts, bank fees, samples, corrections: they are charged, but they are no goods. */
const feeCodes = new Set([
  ...['POST', 'DOT', 'C2', 'C3', 'M', 'D', 'S', 'B', 'CRUK', 'AMAZONFEE', 'BANK CHARGES'],
  ...['ADJUST', 'ADJUST2', 'TEST001', 'TEST002'],
])

/** Puts lines together to invoices; lines that cannot be read pass through. */
export async function* invoices(
  lines: AsyncIterable<SalesLine | MalformedLine>,
): AsyncGenerator<Invoice | MalformedLine> {
  const parts = new Map<string, number>()
  let current: SalesLine[] = []

  const finish = (): Invoice => {
    const { invoice } = current[0]!
    const part = (parts.get(invoice) ?? 0) + 1
    parts.set(invoice, part)
    const made = invoiceOf(part === 1 ? invoice : `${invoice}-${part}`, current)
    current = []
    return made
  }

  for await (const line of lines) {
    if ('problem' in line) {
      yield line
      continue
    }
    if (current.length > 0 && current[0]!.invoice !== line.invoice) yield finish()
    current.push(line)
  }
  if (current.length > 0) yield finish()
}

function invoiceOf(id: string, all: readonly SalesLine[]): Invoice {
  const first = all[0]!
  const kind = first.invoice.startsWith('C') ? 'return' : 'sale'
  const lines: SalesLine[] = []
  const rejected: { line: SalesLine; reason: Rejection }[] = []
  for (const line of all) {
    const reason = rejection(line, kind)
    if (reason) rejected.push({ line, reason })
    else lines.push({ ...line, quantity: Math.abs(line.quantity) })
  }
  return {
    id,
    number: first.invoice,
    kind,
    customer: all.find(line => line.customer !== '')?.customer ?? '',
    invoicedAt: first.invoicedAt,
    lines,
    rejected,
  }
}

function rejection(line: SalesLine, kind: Invoice['kind']): Rejection | undefined {
  const { quantity, unitPrice, stockCode, invoice } = line
  if (invoice.startsWith('A')) return 'accounting_adjustment'
  if (quantity === 0) return 'zero_quantity'
  if (kind === 'sale' && quantity < 0) return 'stock_adjustment'
  if (unitPrice.equals(Money.zero())) return 'zero_price'
  if (unitPrice.units < 0n) return 'negative_price'
  if (feeCodes.has(stockCode) || stockCode.includes(' ')) return 'fee'
  if (kind === 'return' && quantity > 0) return 'not_a_return'
  return undefined
}
