import { Money } from '../domain/money.ts'
import { head } from '../domain/text.ts'
import type { Invoice } from './invoice.ts'
import type { MalformedLine, SalesLine } from './sales-line.ts'

/** A product, as the sales of a file show it. */
export interface CatalogueEntry {
  readonly sku: string
  readonly name: string
  /** Every price that it was sold at; the most frequent one first. */
  readonly prices: readonly Money[]
  /** What the file sells of it, plus 100. */
  readonly stock: number
}

const spareStock = 100
const longestName = 500

/** The products of a file: names, price lists and opening stock are what its invoices need. */
export async function catalogueOf(
  invoices: AsyncIterable<Invoice | MalformedLine>,
): Promise<CatalogueEntry[]> {
  const tallies = new Map<string, Tally>()
  for await (const invoice of invoices) {
    if ('problem' in invoice) continue
    for (const line of invoice.lines) {
      const tally = tallies.get(line.stockCode) ?? new Tally(line.stockCode)
      tallies.set(line.stockCode, tally)
      tally.count(line, invoice.kind)
    }
  }
  return [...tallies.values()].map(tally => tally.entry()).sort((a, b) => (a.sku < b.sku ? -1 : 1))
}

class Tally {
  readonly #sku: string
  readonly #names = new Map<string, number>()
  readonly #sold = new Map<bigint, number>()
  readonly #returned = new Map<bigint, number>()
  #quantity = 0

  constructor(sku: string) {
    this.#sku = sku
  }

  count(line: SalesLine, kind: Invoice['kind']): void {
    const prices = kind === 'sale' ? this.#sold : this.#returned
    prices.set(line.unitPrice.units, (prices.get(line.unitPrice.units) ?? 0) + 1)
    if (line.description !== '')
      this.#names.set(line.description, (this.#names.get(line.description) ?? 0) + 1)
    if (kind === 'sale') this.#quantity += line.quantity
  }

  entry(): CatalogueEntry {
    // What only ever came back in this file was sold before it, at the price that was given back.
    const prices = this.#sold.size > 0 ? this.#sold : this.#returned
    return {
      sku: this.#sku,
      name: head(byFrequency(this.#names)[0] ?? `Product ${this.#sku}`, longestName),
      prices: byFrequency(prices).map(units => Money.of(units)),
      stock: this.#quantity + spareStock,
    }
  }
}

/** The most frequent first; of equals, the one that came first. */
function byFrequency<Key>(counts: ReadonlyMap<Key, number>): Key[] {
  return [...counts].sort(([, a], [, b]) => b - a).map(([key]) => key)
}
