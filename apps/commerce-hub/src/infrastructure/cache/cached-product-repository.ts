import { defineCacheKey } from 'portolan/cache'
import type { Product } from '../../domain/catalog/product.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import { catalogue, productTag } from './catalogue-tags.ts'
import type { HubCache } from './hub-cache.ts'
import type { Lookups } from './lookups.ts'

const productKey = defineCacheKey<Product | null, [sku: string]>('product')

/** What decides about the place of a product in lists. */
interface Listed {
  readonly name: string
  readonly inStock: boolean
}

/**
 * Products that are looked at come from the cache. Those that are to be changed, and several at once, come from the repository; what it
 * saves is looked up anew.
 */
export class CachedProductRepository implements ProductRepository {
  readonly #inner: ProductRepository
  readonly #lookups: Lookups
  /** As they were found. */
  readonly #before = new WeakMap<Product, Listed>()

  constructor(inner: ProductRepository, cache: HubCache) {
    this.#inner = inner
    this.#lookups = cache.lookups('products and prices')
  }

  async find(sku: string): Promise<Product | undefined> {
    const load = async () => (await this.#inner.find(sku)) ?? null
    return (await this.#lookups.find(productKey(sku), load, () => [productTag(sku)])) ?? undefined
  }

  async findMany(...given: Parameters<ProductRepository['findMany']>): Promise<Product[]> {
    const products = await this.#inner.findMany(...given)
    for (const product of products) this.#before.set(product, listed(product))
    return products
  }

  async saveMany(products: readonly Product[]): Promise<void> {
    await this.#inner.saveMany(products)
    const tags = products.map(({ sku }) => productTag(sku))
    if (products.some(product => this.#isListedAnew(product))) tags.push(catalogue)
    this.#lookups.forget(tags)
  }

  #isListedAnew(product: Product): boolean {
    const before = this.#before.get(product)
    const after = listed(product)
    return before?.name !== after.name || before.inStock !== after.inStock
  }
}

function listed({ name, stock }: Product): Listed {
  return { name, inStock: stock > 0 }
}
