import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Measure } from '../suite.ts'
import { checkEntries, checkNewOrders, checkOrders, expectOrder, expectProduct } from './checks.ts'
import type { Ground } from './ground.ts'
import { listed, newEntry, newOrder, orders, products, size } from './shop.ts'
import type { Awaitable, Cursor, Page, Store } from './store.ts'

/**
 * How long each case is measured in a round, at least, in ms. Short, so that a busy moment of the machine spoils one round of several
 * contenders rather than all rounds of one.
 */
const budget = 100

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/**
 * Nobody is to pay for the garbage of the one before. Its statements are closed in turns of the event loop, which synchronous
 * drivers leave to whoever comes next.
 */
async function cleanUp(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    collectGarbage()
    await setImmediate()
  }
}

/** What a contender is measured by, and against which of its figures. */
export interface Case extends Measure {
  run(store: Store, ground: Ground): Promise<number>
}

const pointRead = { sqlite: 1.5, postgres: 1.15, mysql: 1.15 }
const mostForBatches = 1.2

/** The cases of an engine; their names begin with its own. */
export function casesOf(engine: keyof typeof pointRead): Record<string, Case> {
  const find = pointRead[engine]
  const cases: Record<string, Case> = {
    'find by id': { unit: 'finds/s', better: 'higher', mostToRaw: find, run: findProduct },
    'find by id with 10 children': { unit: 'finds/s', better: 'higher', mostToRaw: find, run: findOrder },
    'save a change': { unit: 'saves/s', better: 'higher', run: saveChange },
    'save a new one with 10 children': { unit: 'saves/s', better: 'higher', run: saveNew },
    'insert a row': { unit: 'inserts/s', better: 'higher', run: insert },
    'insert 16 rows at once': { unit: 'inserts/s', better: 'higher', run: insertAtOnce },
    'insert 1,000 rows': { unit: 'rows/s', better: 'higher', mostToRaw: mostForBatches, run: insertMany },
    'page of 50': { unit: 'pages/s', better: 'higher', run: pages },
    'stream 100,000 rows': { unit: 'rows/s', better: 'higher', run: stream },
  }
  return Object.fromEntries(Object.entries(cases).map(([name, each]) => [`${engine}: ${name}`, each]))
}

/** Does `work` for chunks of `count` until the time is up; what it resolved with is checked between them. Resolves with how often a second. */
async function rate<T>(
  count: number,
  work: (index: number) => Awaitable<T>,
  check: (results: readonly T[], first: number) => Awaitable<void>,
): Promise<number> {
  await cleanUp()
  let done = 0
  let spent = 0
  do {
    const results = new Array<T>(count)
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      const result = work(done + i)
      // A driver that answers at once need not wait for a turn of the microtasks.
      results[i] = isPromise(result) ? await result : result
    }
    spent += performance.now() - start
    await check(results, done)
    done += count
  } while (spent < budget)
  return done / (spent / 1000)
}

/** Queries of Prisma and Drizzle are no instances of `Promise`, and run only when they are awaited. */
const isPromise = <T>(value: Awaitable<T>): value is Promise<T> =>
  typeof (value as Promise<T> | undefined)?.then === 'function'

/** Everywhere in `length`, the same for every contender. */
const somewhere = (index: number, length: number): number => (index * 7_919 + 104_729) % length

const findProduct: Case['run'] = store => {
  const wanted = (index: number) => products[somewhere(index, products.length)]!
  return rate(
    200,
    index => store.findProduct(wanted(index).id),
    (found, first) => {
      for (let i = 0; i < found.length; i++) expectProduct(found[i], wanted(first + i))
    },
  )
}

const findOrder: Case['run'] = (store, ground) => {
  const wanted = (index: number) => ground.orders.get(orders[somewhere(index, orders.length)]!.id)!
  return rate(
    50,
    index => store.findOrder(wanted(index).id),
    (found, first) => {
      for (let i = 0; i < found.length; i++) expectOrder(found[i], wanted(first + i))
    },
  )
}

let changes = 0

const saveChange: Case['run'] = async (store, ground) => {
  const each = 20
  const chosen = orders.slice(0, each)
  const load = async () => {
    const loaded = []
    for (const { id } of chosen) loaded.push(await store.loadOrder(id))
    return loaded
  }
  let loaded = await load()
  let versions = await checkOrders(ground, chosen)
  const change = (i: number) => ({
    status: `changed-${changes}`,
    sku: chosen[i]!.lines[3]!.sku,
    quantity: 10 + (changes % 1_000),
  })
  return rate(
    each,
    index => loaded[index % each]!.save(change(index % each)),
    async () => {
      for (let i = 0; i < each; i++) {
        const { status, sku, quantity } = change(i)
        const before = ground.orders.get(chosen[i]!.id)!
        const lines = before.lines.map(line => (line.sku === sku ? { ...line, quantity } : line))
        ground.orders.set(before.id, { ...before, status, lines })
      }
      const raised = await checkOrders(ground, chosen)
      for (const [id, version] of versions) {
        if (raised.get(id) !== version + 1) throw new Error(`The version of ${id} was not raised by one.`)
      }
      versions = raised
      changes++
      loaded = await load()
    },
  )
}

let written = 0

const saveNew: Case['run'] = async (store, ground) => {
  let made: ReturnType<typeof newOrder>[] = []
  const prepare = () => {
    made = Array.from({ length: 20 }, () => newOrder(written++))
  }
  prepare()
  return rate(
    made.length,
    index => store.insertOrder(made[index % made.length]!),
    async () => {
      await checkNewOrders(ground, made)
      prepare()
    },
  )
}

const insert: Case['run'] = (store, ground) => {
  const each = 50
  const first = written
  return rate(
    each,
    () => store.insertEntry(newEntry(written++)),
    (_, done) => checkEntries(ground, first + done, each),
  )
}

/** As 16 requests to a server would, each on its own. */
const insertAtOnce: Case['run'] = async (store, ground) => {
  const atOnce = 16
  const first = written
  const groups = await rate(
    2,
    async () => {
      const inserts: Awaitable<unknown>[] = []
      for (let i = 0; i < atOnce; i++) inserts.push(store.insertEntry(newEntry(written++)))
      await Promise.all(inserts)
    },
    (_, done) => checkEntries(ground, first + done * atOnce, 2 * atOnce),
  )
  return groups * atOnce
}

const insertMany: Case['run'] = async (store, ground) => {
  let entries: ReturnType<typeof newEntry>[] = []
  const prepare = () => {
    entries = Array.from({ length: size.batch }, () => newEntry(written++))
  }
  prepare()
  const batches = await rate(
    1,
    () => store.insertEntries(entries),
    async () => {
      await checkEntries(ground, written - size.batch, size.batch)
      prepare()
    },
  )
  return batches * size.batch
}

const pages: Case['run'] = store => {
  let cursor: Cursor | undefined
  let expected = 0
  const turn = ({ items, next }: Page) => {
    cursor = next
    return items
  }
  return rate(
    20,
    () => {
      const page = store.page(cursor)
      return isPromise(page) ? page.then(turn) : turn(page)
    },
    found => {
      for (const items of found) {
        if (items.length !== size.page) throw new Error(`A page has ${items.length} items.`)
        for (let i = 0; i < items.length; i++) expectProduct(items[i], listed[expected + i]!)
        expected = (expected + size.page) % listed.length
      }
    },
  )
}

const stream: Case['run'] = async store => {
  const expected = products.reduce((sum, { price }) => sum + price, 0)
  const streams = await rate(
    1,
    async () => {
      let rows = 0
      let price = 0
      const all = store.stream()
      if (Symbol.iterator in all) {
        for (const product of all) {
          rows++
          price += product.price
        }
      } else {
        for await (const product of all) {
          rows++
          price += product.price
        }
      }
      return { rows, price }
    },
    ([seen]) => {
      if (seen!.rows !== size.products || seen!.price !== expected) {
        throw new Error(`${seen!.rows} products came, not ${size.products}, or with other prices.`)
      }
    },
  )
  return streams * size.products
}
