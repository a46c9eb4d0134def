import type { PaymentFault } from '../../src/contracts/payment-gateway.ts'
import { json, localServer } from './local-server.ts'

/** As much of the payment API as a contract needs. Amounts that end in .99 are declined. */
export async function openPaymentServer() {
  const answers = new Map<string, { readonly body: string; readonly payment: object }>()
  const movements: { amount: string; reference: string }[] = []
  let fault: PaymentFault | undefined

  const server = await localServer(({ request, response, body }) => {
    const injected = fault
    fault = undefined
    if (injected === 'unavailable') return problem(503, 'Out of order')
    if (injected === 'unauthenticated' || request.headers.authorization !== 'Bearer the-key')
      return problem(401, 'Unknown key')

    const kind = /^\/v1\/(charge|refund)s$/.exec(request.url!)?.[1]
    if (!kind || request.method !== 'POST') return problem(404, 'No such resource')
    const key = String(request.headers['idempotency-key'])
    const before = answers.get(key)
    if (before && before.body !== body) return problem(409, 'The key was used for another request')
    const payment = before?.payment ?? pay(kind, body)
    answers.set(key, { body, payment })
    if (injected === 'hang') return
    if (injected === 'reset') request.socket.resetAndDestroy()
    else json(response, 201, payment)

    function problem(status: number, detail: string): void {
      json(
        response,
        status,
        { type: 'about:blank', title: detail, status, detail },
        'application/problem+json',
      )
    }
  })

  function pay(kind: string, body: string): object {
    const { amount, currency, reference, customer } = JSON.parse(body) as Record<string, string>
    const declined = amount!.endsWith('.99')
    if (!declined)
      movements.push({ amount: kind === 'charge' ? amount! : `-${amount}`, reference: reference! })
    return {
      id: `${kind}_${answers.size + 1}`,
      object: kind,
      status: declined ? 'declined' : 'succeeded',
      ...(declined && { reason: 'card_declined' }),
      amount,
      currency,
      reference,
      customer,
      created: 1_749_854_575,
    }
  }

  return {
    ...server,
    movements: () => movements,
    fail: (next: PaymentFault) => {
      fault = next
    },
  }
}
