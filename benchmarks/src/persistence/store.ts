import type { Order, Product } from './shop.ts'

export type Awaitable<T> = T | Promise<T>

/** The work that is measured, as one contender does it. What a synchronous driver does needs no promise. */
export interface Store extends AsyncDisposable {
  findProduct(id: string): Awaitable<Product | undefined>
  /** Those that take more than one statement for it do so without a transaction: the lines may be of a later moment than the order. */
  findOrder(id: string): Awaitable<Order | undefined>
  /** Not measured: what a save begins with. */
  loadOrder(id: string): Awaitable<LoadedOrder>
  /** An order and its lines in one transaction. */
  insertOrder(order: Order): Awaitable<unknown>
  insertEntry(entry: Product): Awaitable<unknown>
  /** All or none. */
  insertEntries(entries: readonly Product[]): Awaitable<unknown>
  /** A page of products by `listed` and `id`, and where the next begins. */
  page(after: Cursor | undefined): Awaitable<Page>
  /** All products in any order, without holding them all in memory. */
  stream(): Iterable<Product> | AsyncIterable<Product>
}

export interface LoadedOrder {
  /**
   * Changes the status and the quantity of one line, and saves both in one transaction, only if the order is as it was loaded; raises
   * its version by one.
   */
  save(change: OrderChange): Awaitable<unknown>
}

export interface OrderChange {
  readonly status: string
  readonly sku: string
  readonly quantity: number
}

export type Cursor = string | { readonly listed: number; readonly id: string }

export interface Page {
  readonly items: readonly Product[]
  /** Undefined on the last page. */
  readonly next: Cursor | undefined
}

/** A page of rows of which one more than its size was asked for. */
export function pageOf(rows: readonly Product[], limit: number): Page {
  if (rows.length <= limit) return { items: rows, next: undefined }
  const items = rows.slice(0, limit)
  const { listed, id } = items.at(-1)!
  return { items, next: { listed, id } }
}

/** For contenders whose cursors are positions. */
export function position(cursor: Cursor): { readonly listed: number; readonly id: string } {
  if (typeof cursor === 'string') throw new Error('This cursor belongs to another contender.')
  return cursor
}

/** That an optimistic update hit its row. */
export function expectOne(changed: number | bigint | undefined): void {
  if (Number(changed) !== 1) throw new Error(`${changed} rows changed instead of one.`)
}
