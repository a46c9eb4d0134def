import { randomUUID } from 'node:crypto'
import { signature } from '@portolan/emulators'
import { emulatorSecrets } from '../../src/infrastructure/config.ts'

/** What Meta's servers post: bodies by hand, for everything that the emulator is too well-behaved to send. */

export interface Value {
  readonly contacts?: readonly object[]
  readonly messages?: readonly object[]
  readonly statuses?: readonly object[]
}

/** A webhook with an entry for each argument, and in it a change for each of its values. */
export function webhook(...entries: readonly (readonly Value[])[]): object {
  const metadata = { display_phone_number: '15550783881', phone_number_id: '106540352242922' }
  return {
    object: 'whatsapp_business_account',
    entry: entries.map(values => ({
      id: '102290129340398',
      changes: values.map(value => ({
        field: 'messages',
        value: { messaging_product: 'whatsapp', metadata, ...value },
      })),
    })),
  }
}

/** A message from `from`; `content` is its type and the member of that name. */
export function message(from: string, content: { readonly type: string }, id = `wamid.${randomUUID()}`) {
  return { from, id, timestamp: '1749854575', ...content }
}

export function text(from: string, body: string, id?: string) {
  return message(from, { type: 'text', text: { body } } as { type: string }, id)
}

export function order(from: string, items: readonly object[], id?: string) {
  const content = { type: 'order', order: { catalog_id: '1', text: '', product_items: items } }
  return message(from, content, id)
}

export interface PostOptions {
  /** `undefined`: no such header. Default: the right one. */
  readonly signature?: string | undefined
}

/** Posts a body as Meta does, signed with the shop's secret. */
export function post(url: string, body: object | string, options: PostOptions = {}): Promise<Response> {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body)
  const signed =
    'signature' in options ? options.signature : signature(emulatorSecrets.whatsappAppSecret, bytes)
  return fetch(`${url}/webhooks/whatsapp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signed !== undefined && { 'x-hub-signature-256': signed }),
    },
    body: bytes,
  })
}
