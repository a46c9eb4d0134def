import { mapping, SqlRepository } from 'portolan/persistence'
import { Cart, type CartStatus } from '../../domain/cart/cart.ts'
import type { CartRepository } from '../../domain/cart/cart-repository.ts'
import { lineOf, lineRow } from './columns.ts'
import type { ShopTables } from './schema.ts'

const carts = mapping<ShopTables>()({
  table: 'carts',
  key: 'id',
  children: { cart_lines: { foreignKey: 'cart_id', key: 'position' } },
  toRows: (cart: Cart) => ({
    root: {
      id: cart.id,
      customer_id: cart.customerId,
      status: cart.status,
      revision: cart.revision,
      source_message_id: cart.sourceMessageId,
      opened_at: cart.openedAt.getTime(),
      changed_at: cart.changedAt.getTime(),
      reminded_at: cart.remindedAt?.getTime() ?? null,
    },
    cart_lines: cart.lines.map(lineRow),
  }),
  fromRows: (row, { cart_lines }) =>
    Cart.restore({
      id: row.id,
      customerId: row.customer_id,
      status: row.status as CartStatus,
      revision: row.revision,
      sourceMessageId: row.source_message_id,
      lines: cart_lines.map(lineOf),
      openedAt: new Date(row.opened_at),
      changedAt: new Date(row.changed_at),
      remindedAt: row.reminded_at === null ? null : new Date(row.reminded_at),
    }),
})

const unfinished: readonly CartStatus[] = ['open', 'checkout']

export class SqlCartRepository extends SqlRepository(carts) implements CartRepository {
  findCurrent(customerId: string): Promise<Cart | undefined> {
    return this.findOne(query =>
      query
        .where('customer_id', '=', customerId)
        .where('status', 'in', unfinished)
        .where('source_message_id', 'is', null)
        .orderBy('changed_at', 'desc'),
    )
  }

  async findAbandoned(before: Date, limit: number): Promise<Cart[]> {
    return this.findAll(query =>
      query
        .where('status', 'in', unfinished)
        .where('changed_at', '<', before.getTime())
        .where('reminded_at', 'is', null)
        .where(eb =>
          eb.exists(eb.selectFrom('cart_lines').select('position').whereRef('cart_id', '=', 'carts.id')),
        )
        .limit(limit),
    )
  }

  async findStale(before: Date, limit: number): Promise<Cart[]> {
    return this.findAll(query =>
      query.where('status', 'in', unfinished).where('changed_at', '<', before.getTime()).limit(limit),
    )
  }
}
