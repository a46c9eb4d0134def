import { bearer, httpClient, type RetryOptions } from '../network/index.ts'
import type { HttpClient } from '../ports/http-client.ts'
import type { ChargeRequest, PaymentGateway, RefundRequest } from '../ports/payment-gateway.ts'
import type { Duration } from '../ports/time.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { checkAmount, decimalText } from './amount.ts'
import { type Credential, reveal } from './credential.ts'
import { checkLength } from './limits.ts'
import { paymentSchema } from './payment-object.ts'

/*
 * The wire format of the payment API, version 1. JSON in UTF-8 both ways; amounts are decimal text, and exact.
 *
 *   POST /v1/charges    Authorization: Bearer <api key>, Idempotency-Key: <key>
 *     { "amount": "12.345", "currency": "GBP", "reference": "order-42", "customer": "c-7" }
 *   POST /v1/refunds    the same, and "charge": "<id>" when a charge is given back
 *   201  { "id", "object": "charge" | "refund", "status": "pending" | "succeeded" | "declined", "reason"?,
 *          "amount", "currency", "reference", "customer", "created": <Unix seconds> }
 *
 * The same key with the same body returns what the first request returned; with another body, 409 (or 422). A decline is a 201 with
 * its reason. Errors are problem details (RFC 9457, application/problem+json): 400 or 422 for a request that cannot be, 401 for the
 * key, 404 for a charge that is not there, 429 with Retry-After.
 *
 * Webhooks are POSTs, answered with any 2xx, else sent again:
 *   Payment-Signature: t=<Unix seconds>,v1=<hex of HMAC-SHA256(secret, t + "." + raw body)>
 *   { "id": "evt_…", "type": "charge.succeeded" | "refund.declined" | …, "created": <Unix seconds>, "data": { the charge or refund } }
 */

export interface PaymentApiOptions extends Partial<Surroundings> {
  readonly baseUrl: string
  readonly apiKey: Credential
  /** For a call, all its attempts included. Default `'20s'`. */
  readonly timeout?: Duration
  /** Default: 4 attempts of up to 8 seconds each. */
  readonly retry?: RetryOptions
  /** A client for `baseUrl` with the key as its credential, in place of one of its own; it stays yours to close. */
  readonly http?: HttpClient
}

/** A gateway that owns its connections. */
export interface PaymentApi extends PaymentGateway, AsyncDisposable {
  close(): Promise<void>
}

/**
 * Payments over a plain REST gateway. Each attempt carries the caller's idempotency key, so lost connections, timeouts and 5xx are
 * repeated, and money moves once. An error with `details.outcome: 'unknown'` after that: ask again with the same key.
 *
 * @example
 * const payments = paymentApi({ baseUrl: 'https://pay.example.com', apiKey: config.paymentKey })
 * const { status } = await payments.charge({ amount, reference: order.id, customer, idempotencyKey: `charge:${order.id}` })
 */
export function paymentApi(options: PaymentApiOptions): PaymentApi {
  reveal(options.apiKey, 'The API key of the payment gateway')
  const owned = options.http
    ? undefined
    : httpClient({
        ...surroundings(options),
        baseUrl: options.baseUrl,
        auth: bearer(options.apiKey),
        timeout: options.timeout ?? '20s',
        retry: { attempts: 4, attemptTimeout: '8s', ...options.retry },
      })
  const http = options.http ?? owned!

  async function post(object: 'charge' | 'refund', request: ChargeRequest & RefundRequest) {
    const { amount, reference, customer, charge, idempotencyKey, signal } = request
    checkAmount(amount)
    checkLength('reference', reference, 255)
    checkLength('customer', customer, 255)
    checkLength('idempotencyKey', idempotencyKey, 255)
    const { id, status, reason } = await http.post(`/v1/${object}s`, {
      body: {
        amount: decimalText(amount),
        currency: amount.currency,
        reference,
        customer,
        ...(charge && { charge }),
      },
      schema: paymentSchema(object),
      idempotencyKey,
      ...(signal && { signal }),
    })
    return { id, status, ...(reason && { reason }) }
  }

  const close = async () => owned?.close()
  return {
    charge: request => post('charge', request),
    refund: request => post('refund', request),
    close,
    [Symbol.asyncDispose]: close,
  }
}
