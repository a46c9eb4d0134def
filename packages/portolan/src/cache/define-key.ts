import type { TypedCacheKey } from '../ports/cache.ts'

type Part = string | number | bigint | boolean

/**
 * Keys that know the type of their value, made of a name and parts, no two alike.
 *
 * @example
 * const productKey = defineCacheKey<Product, [id: string]>('product')
 * const product = await cache.get(productKey('42'))   // Product | undefined
 */
export function defineCacheKey<T, Parts extends readonly Part[] = []>(
  name: string,
): (...parts: Parts) => TypedCacheKey<T> {
  const begin = escaped(name)
  return (...parts) => {
    let text = begin
    for (const part of parts) text += `:${escaped(String(part))}`
    return { text }
  }
}

const escaped = (text: string): string =>
  /[:\\]/.test(text) ? text.replace(/[:\\]/g, character => `\\${character}`) : text
