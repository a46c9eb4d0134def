import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledSample, defaultConcurrency, openStand, replay, type Stand } from 'commerce-hub/replay'
import { Pool } from 'undici'
import { steadily } from '../steadily.ts'
import type { Suite, Trial } from '../suite.ts'

/** The sales to play: the file that `SALES_FILE` names, else the bundled two days. */
const salesFile = process.env.SALES_FILE ?? bundledSample

const webhooks = { perSecond: 100, seconds: 20 }

/** The reference shop as a whole: there is no peer, the figures stand against what the shop promises. */
export const suite: Suite = {
  name: 'hub',
  packages: ['fastify', 'undici', 'pino'],
  trials: [replayTrial(), webhookTrial()],
}

/** Every invoice through the signed webhook, until each is paid, its receipt written, its mail and confirmation sent. */
function replayTrial(): Trial<'replay' | 'processor time of the shop' | 'peak memory of the shop'> {
  return {
    cases: {
      replay: { unit: 'invoices/s', better: 'higher' },
      'processor time of the shop': { unit: 'ms an invoice', better: 'lower' },
      'peak memory of the shop': { unit: 'MiB', better: 'lower' },
    },
    contenders: [
      {
        name: 'portolan/sqlite',
        open: async () => ({
          async round() {
            const folder = await mkdtemp(join(tmpdir(), 'bench-hub-'))
            try {
              const result = await replay(
                {
                  input: salesFile,
                  database: undefined,
                  broker: undefined,
                  cache: undefined,
                  processes: 1,
                  concurrency: defaultConcurrency,
                  fresh: true,
                },
                folder,
              )
              if (result.difference !== '0.000' || result.lost > 0 || result.duplicated > 0) {
                throw new Error(`The replay does not add up: ${JSON.stringify(result)}`)
              }
              return {
                replay: result.invoices_per_second,
                'processor time of the shop': ((result.cpu_seconds ?? Number.NaN) * 1000) / result.invoices,
                'peak memory of the shop': result.peak_memory_mib ?? Number.NaN,
              }
            } finally {
              await rm(folder, { recursive: true })
            }
          },
          async [Symbol.asyncDispose]() {},
        }),
      },
    ],
  }
}

/** How soon the webhook answers while messages come in at a steady rate, whatever became of the one before. */
function webhookTrial(): Trial<'webhook p50' | 'webhook p99'> {
  return {
    cases: {
      'webhook p50': { unit: 'ms', better: 'lower' },
      'webhook p99': { unit: 'ms', better: 'lower' },
    },
    contenders: [
      {
        name: 'portolan/sqlite',
        async open() {
          const folder = await mkdtemp(join(tmpdir(), 'bench-hub-'))
          const stand = await openStand(folder)
          const pool = new Pool(stand.hub.url, { connections: 32 })
          let sent = 0
          return {
            async round() {
              const latencies = await steadily(webhooks, () => deliver(pool, stand, sent++))
              latencies.sort((a, b) => a - b)
              const at = (share: number) => latencies[Math.floor(share * latencies.length)]!
              return { 'webhook p50': at(0.5), 'webhook p99': at(0.99) }
            },
            async [Symbol.asyncDispose]() {
              await pool.close()
              await stand.close()
              await rm(folder, { recursive: true })
            },
          }
        },
      },
    ],
  }
}

async function deliver(pool: Pool, { appSecret }: Stand, index: number): Promise<void> {
  const waId = `4470009${String(index % 500).padStart(5, '0')}`
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
              contacts: [{ profile: { name: `Customer ${waId}` }, wa_id: waId }],
              messages: [
                {
                  from: waId,
                  id: `wamid.bench.${process.pid}.${index}`,
                  timestamp: String(Math.floor(Date.now() / 1000)),
                  type: 'text',
                  text: { body: 'cart' },
                },
              ],
            },
          },
        ],
      },
    ],
  })
  const signature = createHmac('sha256', appSecret).update(body).digest('hex')
  const response = await pool.request({
    method: 'POST',
    path: '/webhooks/whatsapp',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  })
  await response.body.dump()
  if (response.statusCode !== 200) throw new Error(`The webhook answered ${response.statusCode}.`)
}
