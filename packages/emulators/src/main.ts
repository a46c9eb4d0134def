/** The emulators on their own: `node packages/emulators/src/main.ts --help`. */
import { parseArgs } from 'node:util'
import type { Logger } from 'portolan'
import { createEmulators } from './emulators.ts'

const help = `Local stand-ins for the WhatsApp Cloud API, a payment gateway and a mail server.

Usage: node --conditions=source packages/emulators/src/main.ts [options]

  --host HOST                    Where to listen (127.0.0.1)
  --port PORT                    HTTP: APIs and pages (3001)
  --smtp-port PORT               Mail (1025)
  --data FOLDER                  What is remembered; ':memory:' forgets (.data/emulators)

  --whatsapp-webhook URL         Where messages and statuses go
  --whatsapp-token TOKEN         Bearer token of the application (whatsapp-token)
  --whatsapp-app-secret SECRET   Signs the webhooks (whatsapp-app-secret)
  --whatsapp-verify-token TOKEN  For the verification of the webhook (whatsapp-verify-token)
  --phone-number-id ID           Digits (106540352242922)

  --payments-webhook URL         Where payment events go
  --payments-api-key KEY         Bearer token of the application (payments-api-key)
  --payments-webhook-secret KEY  Signs the webhooks (payments-webhook-secret)

  --help                         This text
`

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '3001' },
    'smtp-port': { type: 'string', default: '1025' },
    data: { type: 'string', default: '.data/emulators' },
    'whatsapp-webhook': { type: 'string' },
    'whatsapp-token': { type: 'string', default: 'whatsapp-token' },
    'whatsapp-app-secret': { type: 'string', default: 'whatsapp-app-secret' },
    'whatsapp-verify-token': { type: 'string', default: 'whatsapp-verify-token' },
    'phone-number-id': { type: 'string', default: '106540352242922' },
    'payments-webhook': { type: 'string' },
    'payments-api-key': { type: 'string', default: 'payments-api-key' },
    'payments-webhook-secret': { type: 'string', default: 'payments-webhook-secret' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}

const optionalUrl = (url: string | undefined) => (url === undefined ? {} : { webhookUrl: url })

const emulators = createEmulators({
  host: values.host,
  port: Number(values.port),
  smtpPort: Number(values['smtp-port']),
  dataDir: values.data,
  logger: stderrLogger(),
  whatsapp: {
    token: values['whatsapp-token'],
    appSecret: values['whatsapp-app-secret'],
    verifyToken: values['whatsapp-verify-token'],
    phoneNumberId: values['phone-number-id'],
    ...optionalUrl(values['whatsapp-webhook']),
  },
  payments: {
    apiKey: values['payments-api-key'],
    webhookSecret: values['payments-webhook-secret'],
    ...optionalUrl(values['payments-webhook']),
  },
})

await emulators.start()
process.stdout.write(
  `Emulators  ${emulators.url}
  Chat       ${emulators.url}/chat
  WhatsApp   ${emulators.whatsapp.url}
  Payments   ${emulators.payments.url}
  Mail       ${emulators.url}/mail (${emulators.mail.url})
`,
)

const stopped = Promise.withResolvers<void>()
process.once('SIGINT', () => stopped.resolve())
process.once('SIGTERM', () => stopped.resolve())
await stopped.promise
await emulators.stop()

/** Warnings and errors, one line each. */
function stderrLogger(): Logger {
  const write = (level: string) => (message: string, fields?: object) =>
    void process.stderr.write(`${level}: ${message} ${fields ? JSON.stringify(fields) : ''}\n`)
  const nothing = () => {}
  const logger: Logger = {
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: write('warning'),
    error: write('error'),
    child: () => logger,
  }
  return logger
}
