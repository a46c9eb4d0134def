import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { InfrastructureError, type Service } from 'portolan'
import { surroundings } from 'portolan/runtime'
import { createMail, type MailInbox } from './mail/mail.ts'
import type { EmulatorsOptions } from './options.ts'
import { addPages } from './pages/pages.ts'
import { addPaymentApi } from './payments/api.ts'
import { createPayments, type Payments } from './payments/payments.ts'
import { openStore } from './store/store.ts'
import { addWhatsAppApi } from './whatsapp/api.ts'
import { createWhatsApp, type WhatsApp } from './whatsapp/whatsapp.ts'

/** Stand-ins for the services that an application needs and does not own. */
export interface Emulators extends Service, AsyncDisposable {
  /** The base URL: its page links to all others. */
  readonly url: string
  readonly whatsapp: WhatsApp
  readonly payments: Payments
  readonly mail: MailInbox
  start(): Promise<void>
  /** Finishes the deliveries of webhooks under way and begins no other; what waits is delivered after the next start. */
  drain(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/**
 * The WhatsApp Cloud API, a payment gateway and a mail inbox in one small server.
 *
 * @example
 * await using emulators = createEmulators({
 *   dataDir: ':memory:',
 *   whatsapp: { token: 't', appSecret: 's', verifyToken: 'v', phoneNumberId: '1', webhookUrl: 'http://127.0.0.1:3000/webhooks/whatsapp' },
 *   payments: { apiKey: 'k', webhookSecret: 's', webhookUrl: 'http://127.0.0.1:3000/webhooks/payments' },
 * })
 * await emulators.start()
 * await emulators.whatsapp.customer('447700900123', { name: 'Ada' }).sendText('menu')
 */
export function createEmulators(options: EmulatorsOptions): Emulators {
  const { host = '127.0.0.1', port = 3001, smtpPort = 1025, dataDir = '.data/emulators' } = options
  const around = surroundings(options)
  const store = openStore(dataDir)
  const closing = new AbortController()
  const shown = host.includes(':') ? `[${host}]` : host
  let url = `http://${shown}:${port}`

  const whatsapp = createWhatsApp(options.whatsapp, store, () => url, around)
  const payments = createPayments(options.payments, store, () => url, around)
  const mail = createMail(store, host, smtpPort, around)

  const server = fastify({
    logger: false,
    bodyLimit: 20 * 1024 * 1024,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
  })
  const { token } = options.whatsapp
  const { apiKey } = options.payments
  const api = { ...around, closing: closing.signal }
  server.register(async scope => addWhatsAppApi(scope, { ...api, whatsapp, store, token }), {
    prefix: '/whatsapp',
  })
  server.register(async scope => addPaymentApi(scope, { ...api, payments, apiKey }), { prefix: '/payments' })
  server.register(async scope =>
    addPages(scope, {
      ...{ whatsapp: whatsapp.facade, payments: payments.facade, mail: mail.facade, clock: around.clock },
      catalogue: options.catalogue,
      businessName: options.whatsapp.businessName ?? 'The shop',
    }),
  )

  let drained: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  const emulators: Emulators = {
    get url() {
      return url
    },
    whatsapp: whatsapp.facade,
    payments: payments.facade,
    mail: mail.facade,
    async start() {
      await listening(server.listen({ host, port }), host, port)
      url = `http://${shown}:${(server.server.address() as AddressInfo).port}`
      await listening(mail.start(), host, smtpPort)
      whatsapp.resume()
      payments.resume()
    },
    drain(signal) {
      drained ??= Promise.all([whatsapp.drain(), payments.drain()]).then(() => {})
      return signal ? Promise.race([drained, aborted(signal)]) : drained
    },
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => emulators.stop(),
  }

  async function stop(): Promise<void> {
    closing.abort()
    await Promise.allSettled([server.close(), mail.stop()])
    await Promise.all([whatsapp.close(), payments.close()])
    await emulators.drain()
    store.close()
  }

  return emulators
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function listening(start: Promise<unknown>, host: string, port: number): Promise<void> {
  try {
    await start
  } catch (cause) {
    throw new InfrastructureError(
      'unavailable',
      `The emulators cannot listen on ${host}:${port}. Stop what uses the port, or give them another.`,
      { cause },
    )
  }
}
