import { fileURLToPath } from 'node:url'
import type { ImportCatalog } from '../application/catalog/import-catalog.ts'
import type { ProductQueries } from '../application/ports/staff-queries.ts'
import { readCatalogue } from '../retail-data/catalogue-file.ts'

const bundled = fileURLToPath(new URL('../../data/catalogue.csv', import.meta.url))

/** Fills empty shelves with the bundled catalogue: the real products of the real shop. */
export async function openingCatalogue(uses: {
  readonly importCatalog: ImportCatalog
  readonly products: ProductQueries
}): Promise<void> {
  const { importCatalog, products } = uses
  const { items } = await products.list({ limit: 1 })
  if (items.length > 0) return
  // In one commit: a start that is cut short must not leave half of it, which the next one would take for the whole.
  await importCatalog('opening-catalogue', await readCatalogue(bundled))
}
