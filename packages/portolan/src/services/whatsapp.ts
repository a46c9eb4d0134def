import { bearer, httpClient } from '../network/index.ts'
import { retryAfterMs } from '../network/retry-after.ts'
import type { ChatMessenger } from '../ports/chat-messenger.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { HttpClient, HttpResponse } from '../ports/http-client.ts'
import type { Duration } from '../ports/time.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { type Credential, reveal } from './credential.ts'
import { checkLength } from './limits.ts'
import { whatsappError } from './whatsapp-errors.ts'
import { messageBody } from './whatsapp-message.ts'

export interface WhatsAppOptions extends Partial<Surroundings> {
  /** Default `https://graph.facebook.com`. */
  readonly baseUrl?: string
  /** Of the Graph API. Default `v23.0`. */
  readonly version?: string
  /** The id (not the number) of the number that sends. */
  readonly phoneNumberId: string
  /** An access token with the permission `whatsapp_business_messaging`. */
  readonly token: Credential
  /** For a send. Default `'10s'`. */
  readonly timeout?: Duration
  /** A client for `baseUrl` with the token as its credential, in place of one of its own; it stays yours to close. */
  readonly http?: HttpClient
}

/** A messenger that owns its connections. */
export interface WhatsApp extends ChatMessenger, AsyncDisposable {
  close(): Promise<void>
}

/**
 * The WhatsApp Cloud API. Messages are checked against its limits before anything is sent.
 *
 * The API has no idempotency keys, so a send is never repeated here. What failed says in `details.outcome` what became of it:
 * `not_sent` (refused, or no connection), or `unknown` (time or connection ran out on the way): the statuses of the webhook tell,
 * by their `correlation`.
 *
 * @example
 * const messenger = whatsapp({ phoneNumberId: '106540352242922', token: config.whatsappToken })
 * await messenger.send({ to: '16505551234', content: { type: 'text', body: 'Hello!' }, correlation: orderId })
 */
export function whatsapp(options: WhatsAppOptions): WhatsApp {
  const around = surroundings(options)
  const { version = 'v23.0', phoneNumberId } = options
  if (!/^v\d+\.\d+$/.test(version)) throw misconfigured('version', "such as 'v23.0'")
  if (!/^\d+$/.test(phoneNumberId)) throw misconfigured('phoneNumberId', 'of digits only')
  const token = () => reveal(options.token, 'The token of WhatsApp')
  token()

  const owned = options.http
    ? undefined
    : httpClient({
        ...around,
        baseUrl: options.baseUrl ?? 'https://graph.facebook.com',
        auth: bearer(options.token),
        timeout: options.timeout ?? '10s',
        retry: { attempts: 1 },
      })
  const http = options.http ?? owned!
  const path = `/${version}/${phoneNumberId}/messages`

  async function post(body: object, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const response = await http.send('POST', path, { body, ...(signal && { signal }) })
    if (response.status >= 200 && response.status <= 299) return response
    throw whatsappError(response, token(), retryAfterMs(response.headers['retry-after'], around.clock.now()))
  }

  const close = async () => owned?.close()
  return {
    async send(message) {
      const response = await post(messageBody(message), message.signal)
      return { id: sentId(response) }
    },
    async markRead(messageId, { signal } = {}) {
      checkLength('messageId', messageId, 512)
      await post({ messaging_product: 'whatsapp', status: 'read', message_id: messageId }, signal)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function sentId({ body, status }: HttpResponse): string {
  try {
    const id = JSON.parse(new TextDecoder().decode(body)).messages[0].id
    if (typeof id === 'string' && id !== '') return id
  } catch {
    // The error below says what is wrong with it.
  }
  throw new InfrastructureError(
    'internal',
    'WhatsApp took the message, but its answer has no messages[0].id. Check that baseUrl is the Cloud API.',
    { details: { status, outcome: 'unknown' } },
  )
}

function misconfigured(option: string, expected: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', `${option} of WhatsApp is not a text ${expected}.`)
}
