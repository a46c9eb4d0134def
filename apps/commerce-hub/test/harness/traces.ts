import type { Shop } from './shop.ts'

/** Everything that a customer can change: to show that something changed nothing. */
export async function traces(shop: Shop): Promise<unknown> {
  const all = (sql: string) => shop.services.database.query(sql, [])
  return {
    carts: await all('select id, status, revision from carts order by id'),
    cartLines: await all('select * from cart_lines order by cart_id, position'),
    orders: await all('select id, status, total from orders order by id'),
    refunds: await all('select id, status, total from refunds order by id'),
    stock: await all('select sku, stock from products order by sku'),
    payments: shop.emulators.payments.count(),
    mails: shop.emulators.mail.count(),
  }
}

/** Messages of customers that the shop has taken in. */
export async function messagesStored(shop: Shop): Promise<number> {
  const [row] = await shop.services.database.query<{ count: number }>(
    "select count(*) as count from chat_messages where direction = 'in'",
    [],
  )
  return row!.count
}
