import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createEmulators, type Emulators } from '@portolan/emulators'
import { type HubProcess, startHub, type Usage } from './hub-process.ts'

/** The shop in a process of its own, or in several, and the emulators in this one: what replays and measurements are made on. */
export interface Stand {
  readonly emulators: Emulators
  /** The first of its processes. */
  readonly hub: HubProcess
  /** What the webhooks of WhatsApp are signed with. */
  readonly appSecret: string
  /** Where the shop keeps its files. */
  readonly filesUrl: string
  /** Rejects when the shop has ended by itself. */
  readonly failure: Promise<never>
  /** The memory is that of its largest process, the time that of all of them. */
  usage(): Promise<Usage>
  /** The shop first, then what it talks to. */
  close(): Promise<void>
}

export interface StandOptions {
  /** Where the shop keeps its own data, when not in the folder. */
  readonly database?: string | undefined
  /** What carries its messages, when not the database. */
  readonly broker?: string | undefined
  /** Where it caches its catalogue. */
  readonly cache?: string | undefined
  /** Default 1. */
  readonly processes?: number
}

/** Opens a stand that keeps everything in the folder at `path`. */
export async function openStand(path: string, options: StandOptions = {}): Promise<Stand> {
  const { database, broker, processes = 1, cache = processes === 1 ? 'memory:' : 'database:' } = options
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
  const hubs: HubProcess[] = []
  const close = async () => {
    await Promise.all(hubs.map(hub => hub.stop()))
    await emulators.stop()
  }
  try {
    for (let at = 0; at < processes; at++) hubs.push(await startHub(folder, environment(), reject))
    // Where there are several, what belongs together comes in at different ones.
    emulators.whatsapp.subscribe(`${hubs[0]!.url}/webhooks/whatsapp`)
    emulators.payments.subscribe(`${hubs.at(-1)!.url}/webhooks/payments`)
    const usage = async () => together(await Promise.all(hubs.map(hub => hub.usage())))
    return { emulators, hub: hubs[0]!, appSecret: whatsapp.appSecret, filesUrl, failure, usage, close }
  } catch (error) {
    await close()
    throw error
  }

  function environment(): Readonly<Record<string, string>> {
    return {
      CACHE_URL: /^(memory|database):/.test(cache) ? cache : ofItsOwn(folder, cache),
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
    }
  }
}

function together(usages: readonly Usage[]): Usage {
  return usages.reduce((all, { peakMemoryMib, cpuSeconds }) => ({
    ...(peakMemoryMib !== undefined && { peakMemoryMib: Math.max(peakMemoryMib, all.peakMemoryMib ?? 0) }),
    ...(cpuSeconds !== undefined && { cpuSeconds: cpuSeconds + (all.cpuSeconds ?? 0) }),
  }))
}

const refundTemplate = {
  name: 'refund_paid',
  language: 'en_GB',
  body: 'Your refund of {{1}} is on its way. Reference {{2}}.',
}

/** Under a prefix of this run, which a run that goes on after an interruption finds again: nothing of others comes in. */
function ofItsOwn(folder: string, server: string): string {
  const path = join(folder, 'broker-prefix')
  mkdirSync(folder, { recursive: true })
  if (!existsSync(path)) writeFileSync(path, `replay-${randomBytes(6).toString('hex')}`)
  if (/[?&]prefix=/.test(server)) return server
  return `${server}${server.includes('?') ? '&' : '?'}prefix=${readFileSync(path, 'utf8')}`
}

/** Of this run alone. */
function secret(): string {
  return randomBytes(16).toString('hex')
}
