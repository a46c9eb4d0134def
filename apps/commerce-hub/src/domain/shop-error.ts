/** Why the shop refuses something; each has a clear answer for the customer. */
export type ShopErrorCode =
  | 'invalid_amount'
  | 'currency_mismatch'
  | 'invalid_quantity'
  | 'unknown_product'
  | 'out_of_stock'
  | 'price_changed'
  | 'empty_cart'
  | 'cart_changed'
  | 'cart_expired'
  | 'cart_ordered'
  | 'unknown_cart'
  | 'invalid_refund'
  | 'invalid_product'
  | 'invalid_email'

/** A rule of the shop that a request broke. The message is meant for the customer. */
export class ShopError extends Error {
  readonly code: ShopErrorCode

  constructor(code: ShopErrorCode, message: string) {
    super(message)
    this.name = 'ShopError'
    this.code = code
  }
}
