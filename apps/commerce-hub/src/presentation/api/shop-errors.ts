import { type ErrorCode, InfrastructureError } from 'portolan'
import { ShopError, type ShopErrorCode } from '../../domain/shop-error.ts'

/** Of the codes of the shop, those that do not simply say that the request was wrong. */
const codes: Partial<Record<ShopErrorCode, ErrorCode>> = {
  unknown_product: 'not_found',
  unknown_cart: 'not_found',
  out_of_stock: 'conflict',
  price_changed: 'conflict',
  cart_changed: 'conflict',
}

/** Runs `work`; a rule of the shop that it broke becomes an error that the API knows how to tell. */
export async function tellingShopErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ShopError)) throw error
    throw new InfrastructureError(codes[error.code] ?? 'invalid_argument', error.message, {
      cause: error,
      details: { reason: error.code },
    })
  }
}

/** @throws InfrastructureError `not_found` */
export function found<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value
  throw new InfrastructureError('not_found', `There is no ${what}.`)
}
