import { type CacheType, cacheType } from 'portolan/cache'
import { Product } from '../../domain/catalog/product.ts'
import { Money } from '../../domain/money.ts'

/** How what the domain is made of is kept. Who changes what `encode` gives raises the `version`. */
export const cachedTypes: readonly CacheType[] = [
  cacheType({
    name: 'money',
    class: Money,
    immutable: true,
    encode: ({ units, currency }: Money) => [units, currency] as const,
    decode: ([units, currency]) => Money.of(units, currency),
  }),
  cacheType({
    name: 'product',
    class: Product,
    encode: ({ sku, name, prices, stock }: Product) => ({ sku, name, prices, stock }),
    decode: state => Product.restore(state),
  }),
]
