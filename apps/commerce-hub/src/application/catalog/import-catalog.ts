import type { Clock, UnitOfWork } from 'portolan'
import { Product } from '../../domain/catalog/product.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import type { Money } from '../../domain/money.ts'
import type { CatalogImports } from '../ports/catalog-imports.ts'

export interface DeliveredProduct {
  readonly sku: string
  readonly name: string
  /** The standard price first. */
  readonly prices: readonly Money[]
  /** Pieces that come on the shelf. */
  readonly stock: number
}

/**
 * Takes in a delivery: new products are introduced; known ones get the newer name, keep the prices that are still agreed, and
 * their stock grows. The reference makes it safe to repeat: a delivery counts once. Answers whether it did this time.
 */
export function createImportCatalog(uses: {
  readonly unitOfWork: UnitOfWork
  readonly products: ProductRepository
  readonly catalogImports: CatalogImports
  readonly clock: Clock
}) {
  const { unitOfWork, products, catalogImports, clock } = uses
  return (reference: string, delivered: readonly DeliveredProduct[]): Promise<boolean> =>
    unitOfWork.run(async () => {
      if (!(await catalogImports.begin(reference, new Date(clock.now())))) return false
      const skus = delivered.map(({ sku }) => sku)
      const known = new Map(
        (await products.findMany(skus, { lock: 'update' })).map(product => [product.sku, product]),
      )
      const saved = new Set<Product>()
      for (const delivery of delivered) {
        const product = known.get(delivery.sku)
        if (product) product.update(delivery.name, merged(delivery.prices, product.prices), delivery.stock)
        const current = product ?? Product.introduce(delivery)
        known.set(current.sku, current)
        saved.add(current)
      }
      await products.saveMany([...saved])
      return true
    })
}

export type ImportCatalog = ReturnType<typeof createImportCatalog>

function merged(newer: readonly Money[], older: readonly Money[]): Money[] {
  return [...newer, ...older.filter(price => !newer.some(other => other.equals(price)))]
}
