import type { Refund } from './refund.ts'

export interface RefundRepository {
  /** `lock`: nobody else decides about it until the unit of work ends. */
  find(id: string, options?: { readonly lock?: 'update' }): Promise<Refund | undefined>
  get(id: string): Promise<Refund>
  findByReference(reference: string): Promise<Refund | undefined>
  /** All refunds of an order. */
  findByOrder(orderId: string): Promise<Refund[]>
  save(refund: Refund): Promise<void>
}
