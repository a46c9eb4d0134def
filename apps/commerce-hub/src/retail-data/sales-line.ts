import { Money } from '../domain/money.ts'

/** One line of an invoice, as it was recorded. */
export interface SalesLine {
  /** Of the file, from 1. */
  readonly lineNumber: number
  readonly invoice: string
  /** In upper case: the data writes some both ways. */
  readonly stockCode: string
  readonly description: string
  readonly quantity: number
  readonly unitPrice: Money
  readonly invoicedAt: Date
  /** Empty where nobody wrote it down. */
  readonly customer: string
  readonly country: string
}

/** A line that cannot be read, and why. */
export interface MalformedLine {
  readonly lineNumber: number
  readonly problem: string
}

/** The header, whose order is that of the fields. */
export const columns = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const

/** Reads the fields of a line; answers with the problem when one of them cannot be what it should be. */
export function salesLine(lineNumber: number, fields: readonly string[]): SalesLine | MalformedLine {
  const problem = (text: string): MalformedLine => ({ lineNumber, problem: text })
  if (fields.length !== columns.length) {
    return problem(`${fields.length} fields instead of ${columns.length}`)
  }
  const [invoice, code, description, quantityText, dateText, priceText, customerText, country] = fields.map(
    field => field.trim(),
  ) as [string, string, string, string, string, string, string, string]

  if (!/^[A-Z]?\d{1,12}$/i.test(invoice)) return problem(`InvoiceNo ${quoted(invoice)} is no invoice number`)
  const stockCode = code.toUpperCase()
  if (!/^[A-Z0-9_ ]{1,32}$/.test(stockCode)) return problem(`StockCode ${quoted(code)} is no product number`)
  const quantity = Number(quantityText)
  if (!/^-?\d{1,9}$/.test(quantityText)) return problem(`Quantity ${quoted(quantityText)} is no whole number`)
  if (!/^-?\d{1,12}(\.\d{1,3}0*)?$/.test(priceText)) {
    return problem(`UnitPrice ${quoted(priceText)} is no amount with at most three decimals`)
  }
  const invoicedAt = dateOf(dateText)
  if (!invoicedAt) return problem(`InvoiceDate ${quoted(dateText)} is no date like 2010-12-01 08:26:00`)
  if (!/^(\d{1,10}(\.0)?)?$/.test(customerText)) {
    return problem(`CustomerID ${quoted(customerText)} is no number`)
  }
  return {
    lineNumber,
    invoice: invoice.toUpperCase(),
    stockCode,
    description,
    quantity,
    unitPrice: Money.parse(priceText),
    invoicedAt,
    customer: customerText.replace(/\.0$/, ''),
    country,
  }
}

/** The data has no time zone; it is read as UTC. Nothing was sold over WhatsApp before 1970, where its moments begin. */
function dateOf(text: string): Date | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(part => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // 31 February would have become a day of March.
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
  return same && year >= 1970 && minute < 60 && second < 60 ? date : undefined
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
