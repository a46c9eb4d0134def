import { Money } from '../domain/money.ts'
import type { CatalogueEntry } from './catalogue.ts'
import { csvFields } from './csv-line.ts'
import { textLines } from './text-lines.ts'

const header = 'sku,name,prices,stock'

/** A catalogue as CSV; the prices of a product are separated by spaces. */
export function catalogueText(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ sku, name, prices, stock }) =>
    [sku, `"${name.replaceAll('"', '""')}"`, prices.map(price => price.toDecimal()).join(' '), stock].join(
      ',',
    ),
  )
  return `${[header, ...rows].join('\n')}\n`
}

/** Reads what `catalogueText` wrote. */
export async function readCatalogue(path: string): Promise<CatalogueEntry[]> {
  const entries: CatalogueEntry[] = []
  for await (const { number, text } of textLines(path)) {
    if (number === 1 && text === header) continue
    const [sku, name, prices, stock] = csvFields(text ?? '') ?? []
    if (!sku || !name || !prices || !stock) throw new Error(`${path}:${number} is no line of a catalogue.`)
    entries.push({
      sku,
      name,
      prices: prices.split(' ').map(price => Money.parse(price)),
      stock: Number(stock),
    })
  }
  return entries
}
