import type { Rest } from 'portolan/rest'
import { z } from 'zod'
import type { ProductQueries } from '../../application/ports/staff-queries.ts'
import { live, notFound, page } from './layout.ts'
import { html } from './markup.ts'
import { cell, facts, further, money, path, search, table } from './parts.ts'

export function serveProductPages(rest: Rest, uses: { readonly products: ProductQueries }): void {
  const { products } = uses

  rest.page({
    method: 'GET',
    path: '/products',
    query: z.object({ text: z.string().max(200).default(''), after: z.string().optional() }),
    async handler({ query }) {
      const { items, next } = await products.list({ ...query, limit: 50 })
      const list = table(
        ['No.', 'Name', 'Price', 'In stock'],
        items.map(
          product => html`<tr>
${cell('No.', html`<a href="${path('products', product.sku)}">${product.sku}</a>`)}
${cell('Name', product.name)}
${cell('Price', money(product.price, product.currency), 'number')}
${cell('In stock', product.stock.toLocaleString('en-GB'), 'number')}
</tr>`,
        ),
        'There are none.',
      )
      return page(
        'Products',
        'Products',
        html`${search('/products', query.text, 'Name or number')}
${live('products', html`${list}${further('/products', { text: query.text, after: next })}`)}`,
      )
    },
  })

  rest.page({
    method: 'GET',
    path: '/products/:sku',
    async handler({ params: { sku } }) {
      const product = await products.find(sku)
      if (!product) return notFound('Products', `product ${sku}`)
      return page(
        'Products',
        product.name,
        live(
          'product',
          facts([
            ['No.', product.sku],
            ['Standard price', money(product.price, product.currency)],
            ['Price list', product.prices.map(price => money(price, product.currency)).join(', ')],
            ['In stock', product.stock.toLocaleString('en-GB')],
            ['Sold', product.sold.toLocaleString('en-GB')],
          ]),
        ),
      )
    },
  })
}
