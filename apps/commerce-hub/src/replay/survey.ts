import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Money } from '../domain/money.ts'
import { type CatalogueEntry, catalogueOf } from '../retail-data/catalogue.ts'
import { type Invoice, invoices } from '../retail-data/invoice.ts'
import { salesLines } from '../retail-data/sales-file.ts'
import type { MalformedLine, SalesLine } from '../retail-data/sales-line.ts'

/** A first look at a file: what it holds, and what a shop needs in order to sell it. */
export interface Survey {
  /** Of the file's bytes: tells files apart. */
  readonly digest: string
  readonly lines: number
  readonly invoices: number
  /** Quantity times price, over every line that can be read. */
  readonly total: Money
  readonly rejected: ReadonlyMap<string, number>
  readonly rejectedTotal: Money
  readonly malformed: readonly MalformedLine[]
  readonly malformedCount: number
  readonly catalogue: readonly CatalogueEntry[]
}

/** As many malformed lines are told one by one; the rest is counted. */
const malformedKept = 1000

export async function survey(input: string): Promise<Survey> {
  const numbers = new Set<string>()
  const rejected = new Map<string, number>()
  const malformed: MalformedLine[] = []
  let malformedCount = 0
  let lines = 0
  let total = Money.zero()
  let rejectedTotal = Money.zero()

  /** Sums up beside what comes first: the sum does not depend on how lines are sorted into invoices. */
  async function* counted(source: AsyncIterable<SalesLine | MalformedLine>) {
    for await (const line of source) {
      lines += 1
      if ('problem' in line) {
        malformedCount += 1
        if (malformed.length < malformedKept) malformed.push(line)
      } else {
        numbers.add(line.invoice)
        total = total.plus(line.unitPrice.times(line.quantity))
      }
      yield line
    }
  }

  async function* sorted(source: AsyncIterable<Invoice | MalformedLine>) {
    for await (const invoice of source) {
      if (!('problem' in invoice)) {
        for (const { line, reason } of invoice.rejected) {
          rejected.set(reason, (rejected.get(reason) ?? 0) + 1)
          rejectedTotal = rejectedTotal.plus(line.unitPrice.times(line.quantity))
        }
      }
      yield invoice
    }
  }

  const catalogue = await catalogueOf(sorted(invoices(counted(salesLines(input)))))
  if (malformedCount > 0) rejected.set('malformed', malformedCount)
  return {
    digest: await digestOf(input),
    lines,
    invoices: numbers.size,
    total,
    rejected,
    rejectedTotal,
    malformed,
    malformedCount,
    catalogue,
  }
}

async function digestOf(input: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(input)) hash.update(chunk)
  return hash.digest('hex')
}
