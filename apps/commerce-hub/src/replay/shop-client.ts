import { InfrastructureError } from 'portolan'
import { httpClient } from 'portolan/network'
import { z } from 'zod'
import type { CatalogueEntry } from '../retail-data/catalogue.ts'
import { deliveries } from './deliveries.ts'

const order = z.object({
  id: z.string(),
  reference: z.string(),
  status: z.enum(['placed', 'paid', 'cancelled']),
  total: z.string(),
  steps: z.array(z.string()),
})
const refund = z.object({ id: z.string(), reference: z.string(), status: z.string(), total: z.string() })
const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() })
const status = z.object({
  holds: z.object({ products: z.number() }),
  inHand: z.object({ jobs: z.number(), retrying: z.number(), messages: z.number(), dead: z.number() }),
})

export type ShopOrder = z.infer<typeof order>
export type ShopRefund = z.infer<typeof refund>

export interface Returned {
  readonly reference: string
  readonly customerId: string
  readonly returnedAt: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: string }[]
}

/** The shop's own API, as another program sees it. */
export function shopClient(baseUrl: string) {
  const http = httpClient({ baseUrl, timeout: '60s', retry: { attempts: 30, from: '100ms', to: '2s' } })

  async function* all<T>(path: string, item: z.ZodType<T>): AsyncGenerator<T> {
    let after: string | undefined
    do {
      const found = await http.get(path, { query: { limit: 200, after }, schema: page(item) })
      yield* found.items as T[]
      after = found.next
    } while (after !== undefined)
  }

  return {
    status: () => http.get('/v1/status', { schema: status }),
    orders: () => all('/v1/orders', order),
    refunds: () => all('/v1/refunds', refund),

    /** Safe to repeat: the shop takes a delivery in once. */
    async deliver(name: string, catalogue: readonly CatalogueEntry[]): Promise<void> {
      let count = 0
      for (const batch of deliveries(catalogue)) {
        const reference = `${name}-${count++}`
        const products = batch.map(entry => ({
          ...entry,
          prices: entry.prices.map(price => price.toDecimal()),
        }))
        await http.post('/v1/catalogue/deliveries', {
          body: { reference, products },
          idempotencyKey: reference,
        })
      }
    },

    /** Safe to repeat: the shop records a return once. Resolves with the reason when the shop will not have it. */
    async returnGoods(goods: Returned): Promise<string | undefined> {
      try {
        await http.post('/v1/refunds', { body: goods, idempotencyKey: goods.reference })
        return undefined
      } catch (error) {
        if (InfrastructureError.is(error, 'invalid_argument')) return error.message
        throw error
      }
    },

    close: () => http.close(),
  }
}

export type ShopClient = ReturnType<typeof shopClient>
