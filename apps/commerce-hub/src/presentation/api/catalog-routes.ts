import type { Rest } from 'portolan/rest'
import { z } from 'zod'
import type { ImportCatalog } from '../../application/catalog/import-catalog.ts'
import type { ProductQueries } from '../../application/ports/staff-queries.ts'
import { Money } from '../../domain/money.ts'
import { amount, pageOf, pageQuery, product, productDetail } from './schemas.ts'
import { found, tellingShopErrors } from './shop-errors.ts'

const delivery = z.object({
  reference: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Names the delivery; given twice, it is taken in once.' }),
  products: z
    .array(
      z.object({
        sku: z.string().regex(/^[A-Z0-9_]{1,32}$/),
        name: z.string().min(1).max(500),
        prices: z.array(amount).min(1).max(500).meta({ description: 'The standard price first.' }),
        stock: z.int().min(0).meta({ description: 'Pieces that come on the shelf.' }),
      }),
    )
    .min(1)
    .max(1000),
})

export function serveCatalog(
  rest: Rest,
  uses: { readonly products: ProductQueries; readonly importCatalog: ImportCatalog },
): void {
  const { products, importCatalog } = uses

  rest.route({
    method: 'GET',
    path: '/products',
    version: 1,
    summary: 'Products by name',
    tags: ['Catalogue'],
    query: pageQuery.extend({
      text: z.string().max(200).optional().meta({ description: 'Words to look for.' }),
    }),
    responses: { 200: pageOf(product) },
    handler: ({ query }) => products.list(query),
  })

  rest.route({
    method: 'GET',
    path: '/products/:sku',
    version: 1,
    summary: 'One product, with its price list',
    tags: ['Catalogue'],
    responses: { 200: productDetail },
    handler: async ({ params: { sku } }) => found(await products.find(sku), `product ${sku}`),
  })

  rest.route({
    method: 'POST',
    path: '/catalogue/deliveries',
    version: 1,
    summary: 'Take in a delivery: new products, newer names and prices, more stock',
    tags: ['Catalogue'],
    bodyLimit: '3mb',
    body: delivery,
    responses: {
      200: z.object({ taken: z.boolean().meta({ description: 'False when it was there before.' }) }),
    },
    handler: async ({ body }) => {
      const delivered = body.products.map(({ prices, ...rest }) => ({
        ...rest,
        prices: prices.map(price => Money.parse(price)),
      }))
      return { taken: await tellingShopErrors(() => importCatalog(body.reference, delivered)) }
    },
  })
}
