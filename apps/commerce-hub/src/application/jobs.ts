import { defineJob, exponential } from 'portolan'
import { z } from 'zod'

const ofOrder = z.object({ orderId: z.string() })
const scheduled = z.object({ scheduledFor: z.iso.datetime() })

/** For what another service must do: patient, since services are down for minutes, not for milliseconds. */
const patient = { attempts: 8, backoff: exponential({ from: '500ms', to: '2m' }), timeout: '30s' } as const

export const HandleChatMessage = defineJob('handle-chat-message', {
  schema: z.object({ messageId: z.string() }),
  attempts: 5,
  backoff: exponential({ from: '200ms', to: '10s' }),
  priority: 'high',
})
export const SendChatMessage = defineJob('send-chat-message', {
  /** `confirms` names the order whose confirmation the message is. */
  schema: z.object({ messageId: z.string(), confirms: z.string().optional() }),
  ...patient,
})
export const CapturePayment = defineJob('capture-payment', { schema: ofOrder, ...patient })
export const ReturnPayment = defineJob('return-payment', { schema: ofOrder, ...patient })
export const WriteReceipt = defineJob('write-receipt', { schema: ofOrder, ...patient })
export const MailReceipt = defineJob('mail-receipt', { schema: ofOrder, ...patient })
export const PayRefund = defineJob('pay-refund', { schema: z.object({ refundId: z.string() }), ...patient })

export const RemindAbandonedCarts = defineJob('remind-abandoned-carts', { schema: scheduled })
export const ExpireCarts = defineJob('expire-carts', { schema: scheduled })
export const PruneHistory = defineJob('prune-history', { schema: scheduled, timeout: '10m' })
export const SendDailyReport = defineJob('send-daily-report', { schema: scheduled, ...patient })
