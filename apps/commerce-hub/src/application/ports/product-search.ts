/** A product as a list shows it. */
export interface ProductSummary {
  readonly sku: string
  readonly name: string
  /** Decimal text, of the standard price. */
  readonly price: string
  readonly stock: number
}

export interface ProductSearch {
  /** Products whose name or number holds every word of `text`; all products for none. Those in stock first, then by name. */
  search(text: string, page: { readonly limit: number; readonly offset: number }): Promise<ProductSummary[]>
  /** What sold most often. */
  popular(limit: number): Promise<ProductSummary[]>
}
