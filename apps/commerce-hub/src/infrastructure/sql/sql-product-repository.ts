import { mapping, SqlRepository } from 'portolan/persistence'
import { Product } from '../../domain/catalog/product.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import { Money } from '../../domain/money.ts'
import { units } from './columns.ts'
import type { ShopTables } from './schema.ts'

const products = mapping<ShopTables>()({
  table: 'products',
  key: 'sku',
  toRows: (product: Product) => ({
    root: {
      sku: product.sku,
      name: product.name,
      search_text: `${product.name} ${product.sku}`.toLowerCase(),
      price: units(product.standardPrice),
      prices: product.prices.map(price => price.toDecimal()).join(' '),
      currency: product.standardPrice.currency,
      stock: product.stock,
    },
  }),
  fromRows: ({ sku, name, prices, currency, stock }) =>
    Product.restore({
      sku,
      name,
      // As `toDecimal` wrote them: without the point they are thousandths.
      prices: prices.split(' ').map(price => Money.of(Number(price.replace('.', '')), currency)),
      stock,
    }),
})

export class SqlProductRepository extends SqlRepository(products) implements ProductRepository {}
