import { setTimeout as sleep } from 'node:timers/promises'
import { createEmulators, type Emulators, type EmulatorsOptions } from '../../src/index.ts'
import { type Receiver, secrets } from './receiver.ts'

export const phoneNumberId = '106540352242922'
export const businessAccountId = '102290129340398'

export type Changes = Omit<Partial<EmulatorsOptions>, 'whatsapp'> & {
  readonly whatsapp?: Partial<EmulatorsOptions['whatsapp']>
}

/** Emulators in memory on free ports, with webhooks to `receiver`. */
export async function startEmulators(receiver?: Receiver, changes: Changes = {}): Promise<Emulators> {
  const emulators = createEmulators({
    ...{ port: 0, smtpPort: 0, dataDir: ':memory:' },
    payments: {
      apiKey: 'api-key',
      webhookSecret: secrets.webhookSecret,
      ...(receiver && { webhookUrl: `${receiver.url}/payments` }),
    },
    ...changes,
    whatsapp: {
      ...{ token: 'token', appSecret: secrets.appSecret, verifyToken: 'verify-token', phoneNumberId },
      ...(receiver && { webhookUrl: `${receiver.url}/whatsapp` }),
      ...changes.whatsapp,
    },
  })
  await emulators.start()
  return emulators
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is what the tests are about
  readonly json: any
}

export async function request(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? undefined : JSON.parse(text),
  }
}

/** `POST /messages`, with the usual members filled in. */
export function send(emulators: Emulators, body: object, token = 'token'): Promise<Answer> {
  const message = { messaging_product: 'whatsapp', to: '447700900123', ...body }
  return request('POST', `${emulators.whatsapp.url}/v23.0/${phoneNumberId}/messages`, message, {
    authorization: `Bearer ${token}`,
  })
}

export function charge(
  emulators: Emulators,
  key: string,
  body: object = {},
  path = '/v1/charges',
): Promise<Answer> {
  const payment = {
    amount: '12.50',
    currency: 'GBP',
    reference: 'order-1',
    customer: '447700900123',
    ...body,
  }
  return request('POST', `${emulators.payments.url}${path}`, payment, {
    authorization: 'Bearer api-key',
    'idempotency-key': key,
  })
}

/** Resolves once `condition` holds; the test runner's own limit ends what never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5)
}
