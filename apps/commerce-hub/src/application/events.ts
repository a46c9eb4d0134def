import { defineMessage } from 'portolan'
import { z } from 'zod'

const orderFacts = z.object({
  orderId: z.string(),
  customerId: z.string(),
  total: z.string(),
  orderedAt: z.iso.datetime(),
})
const refundFacts = z.object({
  refundId: z.string(),
  customerId: z.string(),
  total: z.string(),
  returnedAt: z.iso.datetime(),
})

/** Goods are reserved; money is due. */
export const OrderPlaced = defineMessage('shop.order.placed', { version: 1, schema: orderFacts })

/** The money is there. */
export const OrderPaid = defineMessage('shop.order.paid', {
  version: 1,
  schema: orderFacts.extend({ paymentId: z.string() }),
})

/** The payment was declined, or did not come in time; the goods go back on the shelf. */
export const OrderCancelled = defineMessage('shop.order.cancelled', {
  version: 1,
  schema: orderFacts.extend({ reason: z.string() }),
})

/** The money came after the order was cancelled; it has to go back. */
export const OrderPaidLate = defineMessage('shop.order.paid_late', {
  version: 1,
  schema: orderFacts.extend({ paymentId: z.string() }),
})

/** Goods came back; money has to follow. */
export const RefundRequested = defineMessage('shop.refund.requested', { version: 1, schema: refundFacts })

/** The customer has the money back. */
export const RefundPaid = defineMessage('shop.refund.paid', { version: 1, schema: refundFacts })

export const shopEvents = [OrderPlaced, OrderPaid, OrderCancelled, OrderPaidLate, RefundRequested, RefundPaid]
