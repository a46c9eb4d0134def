import { InfrastructureError } from '../ports/errors.ts'
import type { PaymentEvent, PaymentStatus } from '../ports/payment-gateway.ts'
import type { Schema } from '../ports/schema.ts'
import { parseAmount } from './amount.ts'
import { type Reader, type Received, reader } from './received-json.ts'

/** A charge or refund as the payment API writes it. */
export type PaymentObject = PaymentEvent['payment']

const statuses: readonly string[] = ['pending', 'succeeded', 'declined'] satisfies PaymentStatus[]

/** Reads a charge or refund; `path` is where it stands. */
export function readPayment(read: Reader, value: unknown, path: string): PaymentObject {
  const object = read.object(value, path)
  const kind = read.text(object.object, `${path}.object`)
  if (kind !== 'charge' && kind !== 'refund') return read.fail(`${path}.object`, "'charge' or 'refund'")
  const status = read.text(object.status, `${path}.status`)
  if (!statuses.includes(status)) return read.fail(`${path}.status`, 'a known status')
  const reason = read.optionalText(object.reason, `${path}.reason`)
  return {
    id: read.text(object.id, `${path}.id`),
    kind,
    status: status as PaymentStatus,
    ...(reason && { reason }),
    amount: readAmount(read, object, path),
    reference: read.text(object.reference, `${path}.reference`),
    customer: read.text(object.customer, `${path}.customer`),
  }
}

function readAmount(read: Reader, { amount, currency }: Received, path: string) {
  const code = read.text(currency, `${path}.currency`)
  return (
    parseAmount(read.text(amount, `${path}.amount`), code) ?? read.fail(`${path}.amount`, 'a decimal amount')
  )
}

/** The schema of an answer that holds a charge or refund. */
export function paymentSchema(kind: PaymentObject['kind']): Schema<PaymentObject> {
  const read = reader('The payment')
  return {
    '~standard': {
      version: 1,
      vendor: 'portolan',
      validate(value) {
        try {
          const payment = readPayment(read, value, kind)
          if (payment.kind === kind) return { value: payment }
          return { issues: [{ message: `expected a ${kind}`, path: ['object'] }] }
        } catch (error) {
          if (!InfrastructureError.is(error)) throw error
          return { issues: [{ message: error.message }] }
        }
      },
    },
  }
}
