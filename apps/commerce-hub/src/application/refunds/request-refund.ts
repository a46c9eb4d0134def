import { type Ids, InfrastructureError, type UnitOfWork } from 'portolan'
import type { Product } from '../../domain/catalog/product.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { type Line, quantitiesBySku } from '../../domain/line.ts'
import { sum } from '../../domain/money.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { Refund } from '../../domain/refund/refund.ts'
import type { RefundRepository } from '../../domain/refund/refund-repository.ts'
import { ShopError } from '../../domain/shop-error.ts'

export interface ReturnedGoods {
  readonly reference: string
  readonly customerId: string
  readonly orderId: string | null
  readonly lines: readonly Omit<Line, 'position' | 'name'>[]
  readonly returnedAt: Date
}

/**
 * Records goods that came back: they go on the shelf again, and the money follows. The reference makes it safe to repeat: the
 * second time, the refund of the first is returned.
 */
export function createRequestRefund(uses: {
  readonly unitOfWork: UnitOfWork
  readonly refunds: RefundRepository
  readonly orders: OrderRepository
  readonly customers: CustomerRepository
  readonly products: ProductRepository
  readonly ids: Ids
}) {
  const { unitOfWork, refunds, orders, customers, products, ids } = uses

  const request = (goods: ReturnedGoods): Promise<Refund> =>
    unitOfWork.run(async () => {
      const known = await refunds.findByReference(goods.reference)
      if (known) return known
      if (!(await customers.find(goods.customerId))) {
        throw new ShopError('invalid_refund', `There is no customer ${goods.customerId}.`)
      }
      const skus = [...new Set(goods.lines.map(line => line.sku))]
      const found = await products.findMany(skus, { lock: 'update' })
      const bySku = new Map(found.map(product => [product.sku, product]))
      const lines = goods.lines.map((line, index) => named(line, index, bySku.get(line.sku)))
      const refund = Refund.request({ ...goods, id: ids.next(), lines })
      if (goods.orderId) await requireCovered(goods.orderId, refund)
      for (const [sku, quantity] of quantitiesBySku(lines)) bySku.get(sku)!.restock(quantity)
      await products.saveMany(found)
      await refunds.save(refund)
      return refund
    })

  return async (goods: ReturnedGoods): Promise<Refund> => {
    try {
      return await request(goods)
    } catch (error) {
      if (!InfrastructureError.is(error, 'already_exists')) throw error
      // The same goods were reported twice at the same moment: what the quicker one recorded is found now.
      return request(goods)
    }
  }

  /** No more goods and no more money go back than the order had. */
  async function requireCovered(orderId: string, refund: Refund): Promise<void> {
    const order = await orders.find(orderId, { lock: 'update' })
    if (order?.status !== 'paid' || order.customerId !== refund.customerId) {
      throw new ShopError('invalid_refund', `${refund.customerId} has no paid order ${orderId}.`)
    }
    const all = [...(await refunds.findByOrder(orderId)).filter(other => other.status !== 'declined'), refund]
    const ordered = quantitiesBySku(order.lines)
    for (const [sku, quantity] of quantitiesBySku(all.flatMap(({ lines }) => lines))) {
      if (quantity > (ordered.get(sku) ?? 0)) {
        throw new ShopError(
          'invalid_refund',
          `Order ${orderId} had ${ordered.get(sku) ?? 0} of ${sku}, not ${quantity}.`,
        )
      }
    }
    const total = sum(all.map(other => other.total))
    if (total.isMoreThan(order.total)) {
      throw new ShopError(
        'invalid_refund',
        `Order ${orderId} was over ${order.total}; ${total} cannot go back.`,
      )
    }
  }
}

export type RequestRefund = ReturnType<typeof createRequestRefund>

function named(line: Omit<Line, 'position' | 'name'>, index: number, product: Product | undefined): Line {
  if (!product) throw new ShopError('unknown_product', `There is no product ${line.sku}.`)
  return { ...line, position: index + 1, name: product.name }
}
