import { createEmulators, type Emulators } from '@portolan/emulators'
import type { Overrides } from 'portolan'
import { loadConfig } from 'portolan/config'
import { openLogger } from 'portolan/observability'
import { type Application, createRedactor } from 'portolan/runtime'
import { emulatorSecrets, HubConfig } from '../../src/infrastructure/config.ts'
import { composeHub } from '../../src/infrastructure/hub.ts'
import { type ChatCustomer, chatCustomer } from './chat-customer.ts'
import { type MovableClock, movableClock } from './movable-clock.ts'
import { shelf } from './shelf.ts'
import { until } from './until.ts'

type HubApplication = Awaited<ReturnType<ReturnType<typeof composeHub>['start']>>
export type HubServices = HubApplication extends Application<infer Services> ? Services : never

export interface ShopOptions {
  /** Default: in memory. */
  readonly databaseUrl?: string
  readonly filesUrl?: string
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>
  readonly overrides?: Overrides<HubServices>
  /** Whether to put goods on the shelf. Default true. */
  readonly shelf?: boolean
}

/** A whole shop in this process, with its emulators, on free ports and one clock that can be moved. */
export interface Shop extends AsyncDisposable {
  readonly url: string
  readonly emulators: Emulators
  readonly services: HubServices
  readonly clock: MovableClock
  /** Everything that was logged, as JSON lines. */
  readonly log: readonly string[]
  customer(name?: string, id?: string): ChatCustomer
  /** The JSON of an address of the API, below `/v1`. */
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is what the tests are about
  get(path: string): Promise<any>
  post(path: string, body: unknown): Promise<Response>
  /** The HTML of a page of the staff. */
  page(path: string): Promise<string>
  stock(sku: string): Promise<number>
  /** Resolves when nothing is in hand that is not waiting for a later attempt, and every webhook was taken. */
  settled(): Promise<void>
  /** Moves the clock, in milliseconds, when nothing is in hand: what is under way would run into its time limit. */
  passTime(ms: number): Promise<void>
  /** Moves the clock from retry to retry until nothing waits for another attempt. */
  retried(): Promise<void>
}

const day = 86_400_000

/** Begins at midday, UTC. */
export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const clock = movableClock()
  // What the shop does by the hour of the day is the same whenever a test runs.
  clock.advance(day - ((clock.now() - day / 2) % day))
  const log: string[] = []
  const redactor = createRedactor()
  const { whatsappToken: token, whatsappAppSecret: appSecret, ...secrets } = emulatorSecrets
  const emulators = createEmulators({
    ...{ port: 0, smtpPort: 0, dataDir: ':memory:', clock },
    whatsapp: {
      ...{ token, appSecret, verifyToken: secrets.whatsappVerifyToken, phoneNumberId: '106540352242922' },
      templates: [{ name: 'refund_paid', language: 'en_GB', body: 'Your refund of {{1}}: {{2}}.' }],
    },
    payments: { apiKey: secrets.paymentsApiKey, webhookSecret: secrets.paymentsWebhookSecret },
  })
  await emulators.start()
  const config = await loadConfig(HubConfig, {
    redactor,
    directory: import.meta.dirname,
    env: {
      PORT: '0',
      DATABASE_URL: options.databaseUrl ?? 'sqlite::memory:',
      FILES_URL: options.filesUrl ?? 'memory:',
      LOG_LEVEL: 'debug',
      // On a clock that stands, a quota is never filled again.
      LIMIT_MESSAGES: '0',
      LIMIT_REQUESTS: '0',
      WHATSAPP_URL: emulators.whatsapp.url,
      PAYMENTS_URL: emulators.payments.url,
      MAIL_URL: emulators.mail.url,
      ...options.env,
    },
  })
  const destination = { write: (line: string) => void log.push(line) }
  const logger = await openLogger('pino:?format=json', { level: config.logLevel, redactor, destination })
  const app = await composeHub(config, redactor)
    .start({ clock, logger, ...options.overrides })
    .catch(async error => {
      await emulators.stop()
      throw error
    })
  const { url } = app.services.web
  emulators.whatsapp.subscribe(`${url}/webhooks/whatsapp`)
  emulators.payments.subscribe(`${url}/webhooks/payments`)

  const isIdle = async () => {
    const webhooks = () => emulators.whatsapp.pendingWebhooks() + emulators.payments.pendingWebhooks()
    if (webhooks() > 0) return false
    const { jobs, messages } = await app.services.operations.workload()
    return jobs + messages + webhooks() === 0
  }

  let customers = 0
  const shop: Shop = {
    url,
    emulators,
    services: app.services,
    clock,
    log,
    customer(name = 'Ada Lovelace', id = `44770090${String(1000 + customers++)}`) {
      return chatCustomer(emulators.whatsapp, id, name)
    },
    async get(path) {
      const response = await fetch(`${url}/v1${path}`)
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
      return response.json()
    },
    post: (path, body) =>
      fetch(`${url}/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    page: async path => (await fetch(`${url}${path}`)).text(),
    stock: async sku => (await shop.get(`/products/${sku}`)).stock,
    async settled() {
      // Twice: a single look can miss what turns from a job into a message or a webhook while it counts.
      await until(async () => (await isIdle()) && (await isIdle()), 'the end of all work')
    },
    async passTime(ms) {
      await shop.settled()
      clock.advance(ms)
    },
    async retried() {
      for (;;) {
        await shop.settled()
        const [next] = await app.services.operations.retrying(1)
        if (!next) return
        clock.advanceTo(next.nextAt)
      }
    },
    async [Symbol.asyncDispose]() {
      await app.stop()
      await emulators.stop()
    },
  }
  if (options.shelf === false) return shop
  const delivered = await shop.post('/catalogue/deliveries', { reference: 'shelf', products: shelf })
  if (!delivered.ok) throw new Error(await delivered.text())
  return shop
}
