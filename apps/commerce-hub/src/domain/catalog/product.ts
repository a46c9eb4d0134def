import { requireQuantity } from '../line.ts'
import type { Money } from '../money.ts'
import { ShopError } from '../shop-error.ts'

export interface ProductState {
  readonly sku: string
  readonly name: string
  /** The price list: the standard price first, then the prices agreed for quantities and trade customers. */
  readonly prices: readonly Money[]
  /** Pieces that can still be sold. */
  readonly stock: number
}

/** Leaves room for what comes back: a number stays exact up to nine times as much. */
const maxStock = 1_000_000_000_000_000

/** Something that the shop sells. */
export class Product {
  readonly sku: string
  #name: string
  #prices: readonly Money[]
  #stock: number

  private constructor(state: ProductState) {
    this.sku = state.sku
    this.#name = state.name
    this.#prices = state.prices
    this.#stock = state.stock
  }

  static introduce(state: ProductState): Product {
    if (!/^[A-Z0-9_]{1,32}$/.test(state.sku)) {
      throw new ShopError(
        'invalid_product',
        `'${state.sku}' is no product number: up to 32 of A-Z, 0-9 and _.`,
      )
    }
    const name = state.name.trim()
    if (name === '') throw new ShopError('invalid_product', `Product ${state.sku} needs a name.`)
    if (state.prices.length === 0)
      throw new ShopError('invalid_product', `Product ${state.sku} needs a price.`)
    if (state.prices.some(price => price.units <= 0n)) {
      throw new ShopError('invalid_product', `The prices of ${state.sku} must be more than zero.`)
    }
    if (!Number.isInteger(state.stock) || state.stock < 0 || state.stock > maxStock) {
      throw new ShopError(
        'invalid_product',
        `The stock of ${state.sku} must be a whole number from 0 to ${maxStock.toLocaleString('en-GB')}.`,
      )
    }
    return new Product({ ...state, name })
  }

  /** From storage. */
  static restore(state: ProductState): Product {
    return new Product(state)
  }

  get name(): string {
    return this.#name
  }

  get prices(): readonly Money[] {
    return this.#prices
  }

  get standardPrice(): Money {
    return this.#prices[0]!
  }

  get stock(): number {
    return this.#stock
  }

  /** @throws ShopError `price_changed` when the price list does not hold `price`. */
  requirePrice(price: Money): void {
    if (this.#prices.some(listed => listed.equals(price))) return
    throw new ShopError(
      'price_changed',
      `${this.#name} costs ${this.standardPrice}, not ${price}. Please add it to your cart again.`,
    )
  }

  /** @throws ShopError `out_of_stock` when there are fewer pieces. */
  requireStock(quantity: number): void {
    if (quantity <= this.#stock) return
    throw new ShopError(
      'out_of_stock',
      this.#stock === 0
        ? `${this.#name} is sold out.`
        : `Only ${this.#stock.toLocaleString('en-GB')} of ${this.#name} left, not ${quantity.toLocaleString('en-GB')}.`,
    )
  }

  /** Takes pieces off the shelf for an order. */
  reserve(quantity: number): void {
    requireQuantity(quantity)
    this.requireStock(quantity)
    this.#stock -= quantity
  }

  /** Puts pieces back: an order was cancelled, goods were returned, a delivery came. */
  restock(quantity: number): void {
    requireQuantity(quantity)
    this.#stock += quantity
  }

  /** Takes over a newer name and price list; the stock grows by the delivery. */
  update(name: string, prices: readonly Money[], delivered: number): void {
    const { sku } = this
    const checked = Product.introduce({ sku, name, prices, stock: this.#stock + delivered })
    this.#name = checked.name
    this.#prices = checked.prices
    this.#stock = checked.stock
  }
}
