import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createEmulators, type Emulators } from '@portolan/emulators'
import { type HubProcess, startHub } from './hub-process.ts'

/** The shop in a process of its own, and the emulators in this one: what replays and measurements are made on. */
export interface Stand {
  readonly emulators: Emulators
  readonly hub: HubProcess
  /** What the webhooks of WhatsApp are signed with. */
  readonly appSecret: string
  /** Where the shop keeps its files. */
  readonly filesUrl: string
  /** Rejects when the shop has ended by itself. */
  readonly failure: Promise<never>
  /** The shop first, then what it talks to. */
  close(): Promise<void>
}

export interface StandOptions {
  /** Where the shop keeps its own data, when not in the folder. */
  readonly database?: string | undefined
  /** What carries its messages, when not the database. */
  readonly broker?: string | undefined
}

/** Opens a stand that keeps everything in the folder at `path`. */
export async function openStand(path: string, { database, broker }: StandOptions = {}): Promise<Stand> {
  const folder = resolve(path)
  const whatsapp = { token: secret(), appSecret: secret(), verifyToken: secret() }
  const payments = { apiKey: secret(), webhookSecret: secret() }
  const filesUrl = `file:${join(folder, 'files')}`
  const emulators = createEmulators({
    port: 0,
    smtpPort: 0,
    dataDir: join(folder, 'emulators'),
    whatsapp: { ...whatsapp, phoneNumberId: '106540352242922', templates: [refundTemplate] },
    payments,
  })
  await emulators.start()

  const { promise: failure, reject } = Promise.withResolvers<never>()
  // Nobody may be listening yet when it comes.
  failure.catch(() => {})
  try {
    const hub = await startHub(
      folder,
      {
        BROKER_URL: broker === undefined ? 'database:' : ofItsOwn(folder, broker),
        DATABASE_URL: database ?? `sqlite:${join(folder, 'hub.db')}`,
        FILES_URL: filesUrl,
        LOG_LEVEL: 'error',
        // A month in minutes: more than any customer writes.
        LIMIT_MESSAGES: '0',
        LIMIT_REQUESTS: '0',
        EMULATORS: 'off',
        WHATSAPP_URL: emulators.whatsapp.url,
        WHATSAPP_TOKEN: whatsapp.token,
        WHATSAPP_APP_SECRET: whatsapp.appSecret,
        WHATSAPP_VERIFY_TOKEN: whatsapp.verifyToken,
        PAYMENTS_URL: emulators.payments.url,
        PAYMENTS_API_KEY: payments.apiKey,
        PAYMENTS_WEBHOOK_SECRET: payments.webhookSecret,
        MAIL_URL: emulators.mail.url,
      },
      reject,
    )
    emulators.whatsapp.subscribe(`${hub.url}/webhooks/whatsapp`)
    emulators.payments.subscribe(`${hub.url}/webhooks/payments`)
    const close = async () => {
      await hub.stop()
      await emulators.stop()
    }
    return { emulators, hub, appSecret: whatsapp.appSecret, filesUrl, failure, close }
  } catch (error) {
    await emulators.stop()
    throw error
  }
}

const refundTemplate = {
  name: 'refund_paid',
  language: 'en_GB',
  body: 'Your refund of {{1}} is on its way. Reference {{2}}.',
}

/** Under a prefix of this run, which a run that goes on after an interruption finds again: nothing of others comes in. */
function ofItsOwn(folder: string, broker: string): string {
  const path = join(folder, 'broker-prefix')
  mkdirSync(folder, { recursive: true })
  if (!existsSync(path)) writeFileSync(path, `replay-${randomBytes(6).toString('hex')}`)
  if (/[?&]prefix=/.test(broker)) return broker
  return `${broker}${broker.includes('?') ? '&' : '?'}prefix=${readFileSync(path, 'utf8')}`
}

/** Of this run alone. */
function secret(): string {
  return randomBytes(16).toString('hex')
}
