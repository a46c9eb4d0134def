import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Delivery {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** The application's end of the webhooks: keeps what comes, answers as it is told. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly deliveries: Delivery[]
  /** The status of the answer; 200 by default. */
  answer: (delivery: Delivery) => number | Promise<number>
  /** What WhatsApp's webhooks said, in the order of their arrival. */
  messages(): InboundMessage[]
  statuses(): Status[]
}

export interface InboundMessage {
  readonly from: string
  readonly id: string
  readonly timestamp: string
  readonly type: string
  readonly text?: { readonly body: string }
  readonly order?: { readonly product_items: readonly { readonly item_price: number }[] }
  readonly interactive?: unknown
  readonly context?: { readonly id: string }
}

export interface Status {
  readonly id: string
  readonly status: string
  readonly recipient_id: string
  readonly biz_opaque_callback_data?: string
  readonly errors?: readonly { readonly code: number }[]
}

export const secrets = { appSecret: 'app-secret', webhookSecret: 'webhook-secret' }

export async function startReceiver(): Promise<Receiver> {
  const deliveries: Delivery[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', async () => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const challenge = url.searchParams.get('hub.challenge')
      if (challenge !== null) {
        const right = url.searchParams.get('hub.verify_token') === 'verify-token'
        return response.writeHead(right ? 200 : 403).end(challenge)
      }
      const body = Buffer.concat(chunks).toString('utf8')
      const delivery = { path: url.pathname, headers: request.headers, body }
      deliveries.push(delivery)
      response.writeHead(await receiver.answer(delivery)).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  const values = () =>
    deliveries
      .filter(({ path }) => path === '/whatsapp')
      .flatMap(({ body }) => JSON.parse(body).entry)
      .flatMap(entry => entry.changes)
      .map(change => change.value)

  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    answer: () => 200,
    messages: () => values().flatMap(value => value.messages ?? []),
    statuses: () => values().flatMap(value => value.statuses ?? []),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return receiver
}

/** As an application checks it: over the bytes as they came. */
export function signatureOf(body: string): string {
  return `sha256=${createHmac('sha256', secrets.appSecret).update(body).digest('hex')}`
}
