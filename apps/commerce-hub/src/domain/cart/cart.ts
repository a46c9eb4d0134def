import { type Line, linesTotal, requireQuantity, requireTotal } from '../line.ts'
import type { Money } from '../money.ts'
import { ShopError } from '../shop-error.ts'

/** `open` while it is filled, `checkout` while its total waits to be confirmed; then it is done with. */
export type CartStatus = 'open' | 'checkout' | 'ordered' | 'cancelled' | 'expired'

export interface CartState {
  readonly id: string
  readonly customerId: string
  readonly status: CartStatus
  /** Raised with every change of the lines, so that an old button cannot confirm a new total. */
  readonly revision: number
  /** The native order message that it came from, if it was one. */
  readonly sourceMessageId: string | null
  readonly lines: readonly Line[]
  readonly openedAt: Date
  readonly changedAt: Date
  readonly remindedAt: Date | null
}

/** An article to put into a cart. */
export interface CartItem {
  readonly sku: string
  readonly name: string
  readonly unitPrice: Money
  readonly quantity: number
}

/** What a customer is about to buy. */
export class Cart {
  readonly id: string
  readonly customerId: string
  readonly sourceMessageId: string | null
  readonly openedAt: Date
  #status: CartStatus
  #revision: number
  #lines: readonly Line[]
  #changedAt: Date
  #remindedAt: Date | null

  private constructor(state: CartState) {
    this.id = state.id
    this.customerId = state.customerId
    this.sourceMessageId = state.sourceMessageId
    this.openedAt = state.openedAt
    this.#status = state.status
    this.#revision = state.revision
    this.#lines = state.lines
    this.#changedAt = state.changedAt
    this.#remindedAt = state.remindedAt
  }

  /** An empty cart, filled by chatting. */
  static open(id: string, customerId: string, now: Date): Cart {
    return new Cart({ ...fresh, id, customerId, sourceMessageId: null, openedAt: now, changedAt: now })
  }

  /** A whole cart that came as one order message: nothing is left but to confirm it. */
  static fromOrderMessage(
    id: string,
    customerId: string,
    messageId: string,
    items: readonly CartItem[],
    now: Date,
  ): Cart {
    const cart = new Cart({
      ...fresh,
      id,
      customerId,
      sourceMessageId: messageId,
      openedAt: now,
      changedAt: now,
    })
    for (const item of items) requireQuantity(item.quantity)
    cart.#lines = items.map((item, index) => ({ ...item, position: index + 1 }))
    cart.checkOut(now)
    return cart
  }

  static restore(state: CartState): Cart {
    return new Cart(state)
  }

  get status(): CartStatus {
    return this.#status
  }

  get revision(): number {
    return this.#revision
  }

  get lines(): readonly Line[] {
    return this.#lines
  }

  get changedAt(): Date {
    return this.#changedAt
  }

  get remindedAt(): Date | null {
    return this.#remindedAt
  }

  get total(): Money {
    return linesTotal(this.#lines)
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0
  }

  /** Adds to the line of the same article and price, or adds a line. */
  add(item: CartItem, now: Date): void {
    this.#requireFillable()
    const same = this.#lines.find(line => line.sku === item.sku && line.unitPrice.equals(item.unitPrice))
    const quantity = item.quantity + (same?.quantity ?? 0)
    requireQuantity(item.quantity)
    requireQuantity(quantity)
    this.#change(
      same
        ? this.#lines.map(line => (line === same ? { ...line, quantity } : line))
        : [...this.#lines, { ...item, position: (this.#lines.at(-1)?.position ?? 0) + 1 }],
      now,
    )
  }

  /** @throws ShopError `unknown_product` when the cart does not hold it. */
  remove(sku: string, now: Date): void {
    this.#requireFillable()
    const lines = this.#lines.filter(line => line.sku !== sku)
    if (lines.length === this.#lines.length) {
      throw new ShopError('unknown_product', `There is no ${sku} in your cart.`)
    }
    this.#change(lines, now)
  }

  clear(now: Date): void {
    this.#requireFillable()
    this.#change([], now)
  }

  /** The total is shown and waits to be confirmed. */
  checkOut(now: Date): void {
    this.#requireFillable()
    if (this.isEmpty) throw new ShopError('empty_cart', 'Your cart is empty. Send "menu" to look around.')
    requireTotal(this.#lines)
    this.#status = 'checkout'
    this.#changedAt = now
  }

  /** The customer confirmed the total of `revision`. */
  order(revision: number, now: Date): void {
    if (this.#status === 'ordered') throw new ShopError('cart_ordered', 'This order has been placed already.')
    if (this.#status === 'expired' || this.#status === 'cancelled') {
      throw new ShopError('cart_expired', 'This cart has expired. Please fill a new one: send "menu".')
    }
    if (this.#status !== 'checkout' || revision !== this.#revision) {
      throw new ShopError(
        'cart_changed',
        'Your cart has changed since. Send "checkout" to see its new total.',
      )
    }
    this.#status = 'ordered'
    this.#changedAt = now
  }

  /** The payment did not go through: the customer may try again. */
  reopen(now: Date): void {
    if (this.#status !== 'ordered') return
    this.#status = 'checkout'
    this.#revision += 1
    this.#changedAt = now
  }

  cancel(now: Date): void {
    this.#requireFillable()
    this.#status = 'cancelled'
    this.#changedAt = now
  }

  expire(now: Date): void {
    this.#requireFillable()
    this.#status = 'expired'
    this.#changedAt = now
  }

  remind(now: Date): void {
    this.#remindedAt = now
  }

  #change(lines: readonly Line[], now: Date): void {
    this.#lines = lines
    this.#status = 'open'
    this.#revision += 1
    this.#changedAt = now
  }

  #requireFillable(): void {
    if (this.#status === 'open' || this.#status === 'checkout') return
    if (this.#status === 'ordered') throw new ShopError('cart_ordered', 'This order has been placed already.')
    throw new ShopError('cart_expired', 'This cart has expired. Please fill a new one: send "menu".')
  }
}

const fresh = { status: 'open', revision: 1, lines: [], remindedAt: null } as const
