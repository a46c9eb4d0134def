import { InfrastructureError } from '../ports/errors.ts'
import type { PaymentEvent } from '../ports/payment-gateway.ts'
import type { Clock, Duration } from '../ports/time.ts'
import { systemClock } from '../runtime/clock.ts'
import { milliseconds } from '../runtime/duration.ts'
import { type Credential, reveal } from './credential.ts'
import { hmacSha256, hmacSha256Hex, isDigest } from './drivers/hmac.ts'
import { readPayment } from './payment-object.ts'
import { decodeText, parseJson, reader } from './received-json.ts'

export interface PaymentWebhookOptions {
  /** How far the time of the signature may be from now, so that an old request cannot be sent again. Default `'5m'`. */
  readonly tolerance?: Duration
  readonly clock?: Pick<Clock, 'now'>
}

const read = reader('The payment webhook')

/**
 * The event of a webhook request of the payment API, once its signature has been verified over the bytes as they came.
 *
 * @param signature The value of `Payment-Signature`.
 * @throws InfrastructureError `unauthenticated` for a signature that is missing, wrong or old: answer 401; `invalid_argument` for a body
 * that has not its documented shape: answer 400.
 * @example
 * const event = parsePaymentWebhook(request.rawBody, request.headers['payment-signature'], config.paymentWebhookSecret)
 * if (event.type === 'charge.succeeded') await orders.paid(event.payment.reference)
 */
export function parsePaymentWebhook(
  rawBody: Uint8Array,
  signature: string | undefined,
  secret: Credential,
  options: PaymentWebhookOptions = {},
): PaymentEvent {
  verify(rawBody, signature, secret, options)
  const root = read.object(
    parseJson(decodeText(rawBody, 'The payment webhook'), 'The payment webhook'),
    'the body',
  )
  const payment = readPayment(read, root.data, 'data')
  const type = read.text(root.type, 'type')
  if (type !== `${payment.kind}.${payment.status}`) read.fail('type', 'the kind and the status of its data')
  return {
    id: read.text(root.id, 'id'),
    type: `${payment.kind}.${payment.status}`,
    at: read.seconds(root.created, 'created'),
    payment,
  }
}

function verify(
  rawBody: Uint8Array,
  signature: string | undefined,
  secret: Credential,
  { tolerance = '5m', clock = systemClock }: PaymentWebhookOptions,
): void {
  const key = reveal(secret, 'The secret of the payment webhook')
  const parts = (signature ?? '').split(',').map(part => part.trim())
  const time = parts.find(part => /^t=\d{1,12}$/.test(part))?.slice(2)
  // While a secret is replaced, there is a signature for the old and one for the new.
  const digests = parts.filter(part => part.startsWith('v1=')).map(part => part.slice(3))
  if (!time || digests.length === 0) throw unauthenticated('is missing, or not of the form t=…,v1=…')
  const expected = hmacSha256(key, `${time}.`, rawBody)
  if (!digests.some(hex => isDigest(hex, expected))) throw unauthenticated('does not match. Check the secret')
  if (Math.abs(clock.now() - Number(time) * 1_000) > milliseconds(tolerance, 'tolerance'))
    throw unauthenticated('is too old, or of the future. Check the clocks')
}

function unauthenticated(how: string): InfrastructureError {
  return new InfrastructureError('unauthenticated', `The signature of the payment webhook ${how}.`)
}

/** The `Payment-Signature` of a body at a time, as the gateway makes it: for emulators and tests. */
export function signPaymentPayload(rawBody: string | Uint8Array, secret: Credential, at: Date): string {
  const time = Math.floor(at.getTime() / 1_000)
  const key = reveal(secret, 'The secret of the payment webhook')
  return `t=${time},v1=${hmacSha256Hex(key, `${time}.`, rawBody)}`
}
