/** Of every list of products: which there are, in what order they come. */
export const catalogue = 'catalogue'

/** Of all that shows a product. */
export function productTag(sku: string): string {
  return `product:${sku}`
}

export function tagsOfList(products: readonly { readonly sku: string }[]): readonly string[] {
  return [catalogue, ...products.map(({ sku }) => productTag(sku))]
}
