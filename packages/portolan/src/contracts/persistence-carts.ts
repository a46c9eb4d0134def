import { instant } from '../persistence/codecs.ts'
import type { DomainEvent } from '../persistence/database.ts'
import { mapping } from '../persistence/mapping.ts'
import type { PageOptions } from '../persistence/repository/mapped-repository.ts'
import { SqlRepository } from '../persistence/repository/sql-repository.ts'
import type { FindOptions } from '../ports/repository.ts'
import type { ContractTables } from './persistence-kit.ts'

export interface Line {
  readonly sku: string
  readonly quantity: number
}

export const tea: Line = { sku: 'tea', quantity: 1 }
export const milk: Line = { sku: 'milk', quantity: 2 }
export const sugar: Line = { sku: 'sugar', quantity: 3 }

export interface Note {
  readonly day: number
  readonly author: string
  readonly text: string | null
}

/** An aggregate with private state and no notion of storage. */
export class Cart {
  readonly id: string
  readonly customer: string
  readonly openedAt: Date
  #lines: readonly Line[]
  #notes: readonly Note[]
  readonly #events: DomainEvent[] = []

  private constructor(
    id: string,
    customer: string,
    openedAt: Date,
    lines: readonly Line[],
    notes: readonly Note[],
  ) {
    this.id = id
    this.customer = customer
    this.openedAt = openedAt
    this.#lines = lines
    this.#notes = notes
  }

  static open(id: string, customer = 'ada', at = new Date(1_700_000_000_000)): Cart {
    const cart = new Cart(id, customer, at, [], [])
    cart.#events.push({ type: 'cart.opened', data: { id }, key: id })
    return cart
  }

  static restore(
    state: { id: string; customer: string; openedAt: Date },
    lines: readonly Line[],
    notes: readonly Note[],
  ): Cart {
    return new Cart(state.id, state.customer, state.openedAt, lines, notes)
  }

  get lines(): readonly Line[] {
    return this.#lines
  }

  get notes(): readonly Note[] {
    return this.#notes
  }

  get events(): readonly DomainEvent[] {
    return this.#events
  }

  fill(...lines: readonly Line[]): this {
    this.#lines = lines
    this.#events.push({ type: 'cart.filled', data: { lines: lines.length }, key: this.id })
    return this
  }

  annotate(...notes: readonly Note[]): this {
    this.#notes = notes
    return this
  }
}

export const carts = mapping<ContractTables>()({
  table: 'carts',
  key: 'id',
  children: {
    cart_lines: { foreignKey: 'cart_id', key: 'sku', orderBy: 'position' },
    cart_notes: { foreignKey: 'cart_id', key: ['day', 'author'] },
  },
  codecs: { carts: { opened_at: instant } },
  toRows: (cart: Cart) => ({
    root: { id: cart.id, customer: cart.customer, opened_at: cart.openedAt },
    cart_lines: cart.lines.map(({ sku, quantity }, position) => ({ sku, quantity, position })),
    cart_notes: cart.notes.map(({ day, author, text }) => ({ day, author, text })),
  }),
  fromRows: ({ id, customer, opened_at }, { cart_lines, cart_notes }) =>
    Cart.restore(
      { id, customer, openedAt: opened_at },
      cart_lines.map(({ sku, quantity }) => ({ sku, quantity })),
      cart_notes.map(({ day, author, text }) => ({ day, author, text })),
    ),
  events: cart => cart.events,
})

export class CartRepository extends SqlRepository(carts) {
  of(customer: string, options?: FindOptions): Promise<Cart | undefined> {
    return this.findOne(query => query.where('customer', '=', customer), options)
  }

  all(customer: string, options?: FindOptions): Promise<Cart[]> {
    return this.findAll(query => query.where('customer', '=', customer).orderBy('id'), options)
  }

  listed(limit: number, after?: string) {
    return this.page({ by: ['customer'], limit, after })
  }

  by(order: PageOptions<ContractTables['carts']>['by'], limit: number, after?: string) {
    return this.page({ ...(order && { by: order }), limit, after })
  }

  backwards(limit: number, after?: string) {
    return this.page({ direction: 'desc', limit, after }, query => query.where('customer', '!=', 'nobody'))
  }

  everyone(): AsyncGenerator<Cart> {
    return this.stream()
  }
}
