import type { Product } from './product.ts'

export interface ProductRepository {
  /** To be looked at: may be a moment old, and is not for saving. */
  find(sku: string): Promise<Product | undefined>
  /** `lock`: their stock is nobody else's to change until the unit of work ends. */
  findMany(skus: readonly string[], options?: { readonly lock?: 'update' }): Promise<Product[]>
  saveMany(products: readonly Product[]): Promise<void>
}
