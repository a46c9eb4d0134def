import { defineCacheKey } from 'portolan/cache'
import type { ProductSearch, ProductSummary } from '../../application/ports/product-search.ts'
import { tagsOfList } from './catalogue-tags.ts'
import type { HubCache } from './hub-cache.ts'
import type { Lookups } from './lookups.ts'

type Found = ProductSummary[]

const searchKey = defineCacheKey<Found, [text: string, limit: number, offset: number]>('search')
const popularKey = defineCacheKey<Found, [limit: number]>('popular')

export class CachedProductSearch implements ProductSearch {
  readonly #inner: ProductSearch
  readonly #searches: Lookups
  readonly #popular: Lookups

  constructor(inner: ProductSearch, cache: HubCache) {
    this.#inner = inner
    this.#searches = cache.lookups('searches')
    this.#popular = cache.lookups('popular products')
  }

  search(text: string, page: { readonly limit: number; readonly offset: number }): Promise<Found> {
    const key = searchKey(text, page.limit, page.offset)
    return this.#searches.find(key, () => this.#inner.search(text, page), tagsOfList)
  }

  popular(limit: number): Promise<Found> {
    return this.#popular.find(popularKey(limit), () => this.#inner.popular(limit), tagsOfList)
  }
}
