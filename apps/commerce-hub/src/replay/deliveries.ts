import type { CatalogueEntry } from '../retail-data/catalogue.ts'

/** What the shop takes of one product, and what keeps a request of moderate size. */
const most = { pricesOfProduct: 500, products: 500, prices: 20_000 }

/** Cuts a catalogue into deliveries, the same ones every time. A product of very many prices comes in several parts. */
export function* deliveries(catalogue: readonly CatalogueEntry[]): Generator<CatalogueEntry[], void> {
  let batch: CatalogueEntry[] = []
  let prices = 0
  for (const part of catalogue.flatMap(parts)) {
    if (batch.length === most.products || prices + part.prices.length > most.prices) {
      yield batch
      batch = []
      prices = 0
    }
    batch.push(part)
    prices += part.prices.length
  }
  if (batch.length > 0) yield batch
}

/** The newest prices are listed first: the standard price is in the part that comes last, and so is the stock. */
function parts(entry: CatalogueEntry): CatalogueEntry[] {
  const { prices } = entry
  const cut: CatalogueEntry[] = []
  for (let from = 0; from < prices.length; from += most.pricesOfProduct) {
    const some = prices.slice(from, from + most.pricesOfProduct)
    cut.unshift({ ...entry, prices: some, stock: from === 0 ? entry.stock : 0 })
  }
  return cut
}
