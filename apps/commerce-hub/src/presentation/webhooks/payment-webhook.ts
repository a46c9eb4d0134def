import type { Clock, Secret } from 'portolan'
import { type Rest, reply } from 'portolan/rest'
import { parsePaymentWebhook } from 'portolan/services'
import type { SettlePayment } from '../../application/fulfilment/settle-payment.ts'
import type { SettleRefund } from '../../application/refunds/pay-refund.ts'

/**
 * Where the gateway tells what became of a charge or a refund: once, twice, or before it has answered the request itself. All of
 * that is the same to those who settle it.
 */
export function servePaymentWebhook(
  rest: Rest,
  uses: {
    readonly settlePayment: SettlePayment
    readonly settleRefund: SettleRefund
    readonly secret: Secret
    readonly clock: Clock
  },
): void {
  const { settlePayment, settleRefund, secret, clock } = uses
  rest.raw({
    method: 'POST',
    path: '/webhooks/payments',
    async handler({ rawBody, headers }) {
      const signature = headers['payment-signature']
      const { payment } = parsePaymentWebhook(
        rawBody,
        typeof signature === 'string' ? signature : undefined,
        secret,
        { clock },
      )
      if (payment.kind === 'charge') await settlePayment(payment.reference, payment)
      else await settleRefund(payment.reference, payment)
      return reply(200)
    },
  })
}
