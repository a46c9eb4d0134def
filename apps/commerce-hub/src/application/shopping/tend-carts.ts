import type { Clock, UnitOfWork } from 'portolan'
import type { CartRepository } from '../../domain/cart/cart-repository.ts'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { cartReminder } from '../chat/answers.ts'
import type { Correspondence } from '../chat/correspondence.ts'

/** After this long without a change, a customer is reminded of a cart, once. */
const remindAfterMs = 60 * 60 * 1000
/** After this long, an unfinished cart is given up. */
const expireAfterMs = 7 * 24 * 60 * 60 * 1000
/** A unit of work stays short, however many there are. */
const batch = 100

/** The scheduled work on carts. */
export function createTendCarts(uses: {
  readonly unitOfWork: UnitOfWork
  readonly carts: CartRepository
  readonly customers: CustomerRepository
  readonly correspondence: Correspondence
  readonly clock: Clock
}) {
  const { unitOfWork, carts, customers, correspondence, clock } = uses

  /** Works through batches until one is not full. */
  const inBatches = async (work: () => Promise<number>) => {
    while ((await unitOfWork.run(work)) === batch);
  }

  return {
    remind: () =>
      inBatches(async () => {
        const now = new Date(clock.now())
        const abandoned = await carts.findAbandoned(new Date(now.getTime() - remindAfterMs), batch)
        for (const cart of abandoned) {
          const customer = await customers.get(cart.customerId)
          // Outside of the window WhatsApp would not let it through; the cart is not looked at again either way.
          if (customer.isInWindow(now)) await correspondence.say(customer, cartReminder(cart))
          cart.remind(now)
          await carts.save(cart)
        }
        return abandoned.length
      }),

    expire: () =>
      inBatches(async () => {
        const now = new Date(clock.now())
        const stale = await carts.findStale(new Date(now.getTime() - expireAfterMs), batch)
        for (const cart of stale) {
          cart.expire(now)
          await carts.save(cart)
        }
        return stale.length
      }),
  }
}
