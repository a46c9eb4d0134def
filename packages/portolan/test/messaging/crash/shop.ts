import { z } from 'zod'
import {
  createMessaging,
  databaseBroker,
  defineMessage,
  type Messaging,
  openBroker,
} from '../../../src/messaging/index.ts'
import { type Database, openDatabase } from '../../../src/persistence/index.ts'
import type { Duration } from '../../../src/ports/time.ts'
import { counter } from '../engines.ts'

/** Where messages go: through the library, or by what is often written instead. */
export type Way = 'joined' | 'apart' | 'over a broker' | 'naive'
/** A consumer of batches has several messages share a unit of work. */
export type Role = 'publisher' | 'consumer' | 'consumer of batches'

/** Where the shop keeps its orders, and where a broker apart from it keeps its messages. */
export interface Urls {
  readonly shop: string
  readonly broker: string
}

const customers = 8
const batch = 20

const order = z.object({ customer: z.int(), n: z.int() })
type Order = z.infer<typeof order>
const Placed = defineMessage('shop.order.placed', { version: 1, schema: order })

export interface Shop extends AsyncDisposable {
  readonly database: Database
  /** Places one order and tells about it. */
  place(): Promise<void>
  /** How many messages wait, and how many were given up. */
  waiting(): Promise<number>
}

/** Orders that are placed, and an effect for each that is heard of. The table has no constraint that would hide a second effect. */
export async function openShop(urls: Urls, way: Way, role: Role, lease: Duration = '300ms'): Promise<Shop> {
  const database: Database = await openDatabase(urls.shop)
  const column = counter[database.dialect]
  await database.migrate('shop', [
    {
      name: '0001-shop',
      up: `CREATE TABLE customers (id INTEGER PRIMARY KEY, orders INTEGER NOT NULL);
           INSERT INTO customers (id, orders) VALUES ${Array.from({ length: customers }, (_, id) => `(${id}, 0)`).join(', ')};
           CREATE TABLE orders (customer INTEGER NOT NULL, n INTEGER NOT NULL);
           CREATE TABLE effects (position ${column}, customer INTEGER NOT NULL, n INTEGER NOT NULL);
           CREATE TABLE naive_queue (position ${column}, customer INTEGER NOT NULL, n INTEGER NOT NULL);`,
    },
  ])
  return way === 'naive' ? naiveShop(database, role) : portolanShop(urls, database, way, role, lease)
}

/** In the unit of work in progress. The row of the customer makes others wait until its end, as that of an aggregate does. */
async function placeOne(database: Database, customer: number): Promise<Order> {
  await database.execute('UPDATE customers SET orders = orders + 1 WHERE id = ?', [customer])
  const [row] = await database.query<{ n: number }>('SELECT orders AS n FROM customers WHERE id = ?', [
    customer,
  ])
  await database.execute('INSERT INTO orders (customer, n) VALUES (?, ?)', [customer, row!.n])
  return { customer, n: row!.n }
}

async function remember(database: Database, { customer, n }: Order): Promise<void> {
  await database.execute('INSERT INTO effects (customer, n) VALUES (?, ?)', [customer, n])
}

async function portolanShop(
  urls: Urls,
  database: Database,
  way: Way,
  role: Role,
  lease: Duration,
): Promise<Shop> {
  const home = way === 'apart' ? await openDatabase(urls.broker) : database
  const messaging: Messaging = createMessaging({
    ...{ database, source: 'shop', messages: [Placed], lease },
    broker:
      way === 'over a broker' ? await openBroker(urls.broker) : databaseBroker({ database: home, lease }),
  })
  if (role !== 'publisher') {
    const batchSize = role === 'consumer of batches' ? customers : 1
    messaging.subscribe(Placed, { group: 'billing', batchSize }, ({ data }) => remember(database, data))
  }
  await messaging.start()
  let next = 0
  return {
    database,
    place() {
      const customer = next++ % customers
      return database.run(async () => {
        const placed = await placeOne(database, customer)
        await messaging.publish(Placed, placed, { key: `customer ${customer}` })
      })
    },
    async waiting() {
      const { outbox, backlog, dead } = await messaging.status()
      return outbox + backlog + dead
    },
    async [Symbol.asyncDispose]() {
      await messaging[Symbol.asyncDispose]()
      if (home !== database) await home.close()
      await database.close()
    },
  }
}

/** Publishes after the commit and acknowledges after the effect, both in batches: fast, simple, and wrong. */
function naiveShop(database: Database, role: Role): Shop {
  let sent: Order[] = []
  let next = 0
  let stopped = false
  const consume = async () => {
    while (!stopped && role !== 'publisher') {
      const rows = await database.query<Order & { position: number }>(
        'SELECT position, customer, n FROM naive_queue ORDER BY position LIMIT ?',
        [batch],
      )
      for (const row of rows) await remember(database, row)
      if (rows.length > 0) {
        await database.execute('DELETE FROM naive_queue WHERE position <= ?', [rows.at(-1)!.position])
      } else await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
  const consuming = consume()
  return {
    database,
    async place() {
      const customer = next++ % customers
      sent.push(await database.run(() => placeOne(database, customer)))
      if (sent.length < batch) return
      const rows = sent.map(({ customer, n }) => [customer, n])
      sent = []
      for (const { sql, parameters } of await database.grammar.inserts(
        'naive_queue',
        ['customer', 'n'],
        rows,
      )) {
        await database.execute(sql, parameters)
      }
    },
    async waiting() {
      const [row] = await database.query<{ waiting: number }>('SELECT COUNT(*) AS waiting FROM naive_queue')
      return row!.waiting
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      await consuming
      await database.close()
    },
  }
}

/** What became of the orders. */
export async function countOf(database: Database) {
  const one = async (sql: string) => (await database.query<{ n: number }>(sql))[0]!.n
  return {
    committed: await one('SELECT COUNT(*) AS n FROM orders'),
    effects: await one('SELECT COUNT(*) AS n FROM effects'),
    missing: await one(
      `SELECT COUNT(*) AS n FROM orders WHERE NOT EXISTS (
         SELECT 1 FROM effects WHERE effects.customer = orders.customer AND effects.n = orders.n)`,
    ),
    doubled: await one(
      'SELECT COUNT(*) AS n FROM (SELECT customer, n FROM effects GROUP BY customer, n HAVING COUNT(*) > 1) AS twice',
    ),
    disordered: await one(
      `SELECT COUNT(*) AS n FROM (
         SELECT n, LAG(n) OVER (PARTITION BY customer ORDER BY position) AS earlier FROM effects) AS pairs
       WHERE earlier > n`,
    ),
  }
}
