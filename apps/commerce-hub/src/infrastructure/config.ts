import type { Secret } from 'portolan'
import {
  boolean,
  type ConfigOf,
  defineConfig,
  duration,
  integer,
  oneOf,
  optional,
  port,
  secret,
  setting,
  string,
  url,
} from 'portolan/config'

/** What the emulators are given when nobody says otherwise. Good for nothing else: see the rules below. */
export const emulatorSecrets = {
  whatsappToken: 'emulator-token',
  whatsappAppSecret: 'emulator-app-secret',
  whatsappVerifyToken: 'emulator-verify-token',
  paymentsApiKey: 'emulator-api-key',
  paymentsWebhookSecret: 'emulator-webhook-secret',
} as const

/** Everything that can be told to the shop; with nothing told, it runs on this machine alone, with emulators. */
export const HubConfig = defineConfig(
  {
    host: setting('HOST', string(), { default: '127.0.0.1', about: 'The address to listen on' }),
    port: setting('PORT', port(), { default: 3000, about: 'The port of the shop' }),
    databaseUrl: secret('DATABASE_URL', url(), {
      default: 'sqlite:.data/hub.db',
      flag: 'database',
      about: 'Where the shop keeps its data: sqlite:, postgres:// or mysql://',
    }),
    brokerUrl: secret('BROKER_URL', url(), {
      default: 'database:',
      flag: 'broker',
      about:
        'What carries the messages: database: (the same database), amqp://, kafka://, mqtt://, nats:// or redis://',
    }),
    databaseMigrate: setting('DATABASE_MIGRATE', oneOf(['apply', 'refuse']), {
      default: 'apply',
      about: 'Whether a start applies what is new in the schema, or refuses until `portolan migrate up` did',
    }),
    cacheUrl: secret('CACHE_URL', url(), {
      default: 'memory:',
      flag: 'cache',
      about:
        'Where the catalogue is cached: memory: (for one process), database: (in the memory of each, told of changes through the database) or redis://',
    }),
    filesUrl: setting('FILES_URL', url(), {
      default: 'file:.data/files',
      about: 'Where the shop keeps its files',
    }),
    paymentTimeout: setting('PAYMENT_TIMEOUT', duration(), {
      default: '1h',
      about: 'How long an order may wait for its payment before it is cancelled and its goods are released',
    }),
    keepDays: setting('KEEP_DAYS', integer({ min: 8, max: 36_500 }), {
      default: 365,
      about: 'For how long conversations and old carts are kept; orders and refunds stay for ever',
    }),
    logLevel: setting('LOG_LEVEL', oneOf(['trace', 'debug', 'info', 'warn', 'error']), {
      default: 'info',
      about: 'The least important entries that are logged',
    }),
    limits: {
      url: secret('LIMITS_URL', url(), {
        default: 'memory:',
        about: 'Where quotas are counted: memory:, or redis:// where several processes share them',
      }),
      messagesPerMinute: setting('LIMIT_MESSAGES', integer({ min: 0, max: 1_000_000 }), {
        default: 60,
        about: 'Messages a minute that are answered to each customer; 0: no limit',
      }),
      requestsPerMinute: setting('LIMIT_REQUESTS', integer({ min: 0, max: 1_000_000 }), {
        default: 1200,
        about:
          'Requests a minute of each address, for pages and API; webhooks are signed and not limited; 0: no limit',
      }),
    },
    staffPassword: secret('STAFF_PASSWORD', optional(string({ minLength: 8 })), {
      about:
        'Opens the staff pages and the API (user "staff"); needed to listen on another address than this machine',
    }),
    emulators: {
      enabled: setting('EMULATORS', boolean(), {
        default: true,
        about: 'Whether to run the emulators of WhatsApp, payments and mail beside the shop',
      }),
      port: setting('EMULATORS_PORT', port(), {
        default: 3001,
        about: 'The port of the emulators and their pages',
      }),
      smtpPort: setting('EMULATORS_SMTP_PORT', port(), {
        default: 3025,
        about: 'The port of the mail inbox',
      }),
      data: setting('EMULATORS_DATA', string(), {
        default: '.data/emulators',
        about: 'The folder in which the emulators keep their data',
      }),
    },
    whatsapp: {
      baseUrl: setting('WHATSAPP_URL', optional(url()), {
        about: 'The Cloud API; default: the emulator, or https://graph.facebook.com where that is off',
      }),
      phoneNumberId: setting('WHATSAPP_PHONE_NUMBER_ID', string(), {
        default: '106540352242922',
        about: 'The id of the number that the shop writes from',
      }),
      token: secret('WHATSAPP_TOKEN', string(), {
        default: emulatorSecrets.whatsappToken,
        about: 'The access token of the Cloud API',
      }),
      appSecret: secret('WHATSAPP_APP_SECRET', string(), {
        default: emulatorSecrets.whatsappAppSecret,
        about: 'What webhooks are signed with',
      }),
      verifyToken: secret('WHATSAPP_VERIFY_TOKEN', string(), {
        default: emulatorSecrets.whatsappVerifyToken,
        about: 'What was entered beside the address of the webhook',
      }),
    },
    payments: {
      baseUrl: setting('PAYMENTS_URL', optional(url()), {
        about: 'The payment gateway; default: the emulator',
      }),
      apiKey: secret('PAYMENTS_API_KEY', string(), {
        default: emulatorSecrets.paymentsApiKey,
        about: 'The key of the payment gateway',
      }),
      webhookSecret: secret('PAYMENTS_WEBHOOK_SECRET', string(), {
        default: emulatorSecrets.paymentsWebhookSecret,
        about: 'What the events of the gateway are signed with',
      }),
    },
    mail: {
      url: secret('MAIL_URL', optional(url()), {
        about: 'The mail server: smtp://, smtps://, file: or console:; default: the emulated inbox',
      }),
      from: setting('MAIL_FROM', string(), {
        default: 'Gift shop <shop@example.com>',
        about: 'The sender of what the shop mails',
      }),
      shop: setting('MAIL_SHOP', string(), {
        default: 'orders@example.com',
        about: 'Where the shop gets its copies and its daily report',
      }),
    },
  },
  {
    name: 'hub',
    rules: config => [...noEmulatorSecrets(config), ...realServices(config), ...passwordForOthers(config)],
  },
)

export type HubConfig = ConfigOf<typeof HubConfig>

/** Without emulators, no secret of theirs may be left: they are known to everybody. */
function noEmulatorSecrets({ emulators, whatsapp, payments }: Checked) {
  if (emulators.enabled) return []
  const secrets = [
    ['whatsapp.token', whatsapp.token, emulatorSecrets.whatsappToken],
    ['whatsapp.appSecret', whatsapp.appSecret, emulatorSecrets.whatsappAppSecret],
    ['whatsapp.verifyToken', whatsapp.verifyToken, emulatorSecrets.whatsappVerifyToken],
    ['payments.apiKey', payments.apiKey, emulatorSecrets.paymentsApiKey],
    ['payments.webhookSecret', payments.webhookSecret, emulatorSecrets.paymentsWebhookSecret],
  ] as const
  return secrets
    .filter(([, secret, known]) => secret.reveal() === known)
    .map(([key]) => ({
      key,
      message: 'still has the well-known value of the emulators, which are off',
      hint: 'set the secret of the real service, or EMULATORS=on',
    }))
}

/** Without emulators, nothing else stands in for a service. */
function realServices({ emulators, payments, mail }: Checked) {
  if (emulators.enabled) return []
  const missing = [
    ...(payments.baseUrl === undefined ? ['payments.baseUrl'] : []),
    ...(mail.url === undefined ? ['mail.url'] : []),
  ]
  return missing.map(key => ({
    key,
    message: 'is missing, and the emulators are off',
    hint: 'say where it is',
  }))
}

/** What others can reach needs a password, and secrets that nobody knows. */
function passwordForOthers({ host, staffPassword, emulators }: Checked) {
  const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.')
  if (loopback) return []
  const known = {
    key: 'emulators.enabled',
    message: `is on, so anybody who can reach ${host} could sign payments with the secrets of the emulators`,
    hint: 'set EMULATORS=off, or HOST=127.0.0.1',
  }
  if (staffPassword) return emulators.enabled ? [known] : []
  return [
    ...(emulators.enabled ? [known] : []),
    {
      key: 'staffPassword',
      message: `is missing, and others can reach ${host}`,
      hint: 'set STAFF_PASSWORD, or HOST=127.0.0.1',
    },
  ]
}

/** The part of the configuration that the rules look at. */
interface Checked {
  readonly host: string
  readonly staffPassword: Secret | undefined
  readonly emulators: { readonly enabled: boolean }
  readonly whatsapp: { readonly token: Secret; readonly appSecret: Secret; readonly verifyToken: Secret }
  readonly payments: {
    readonly baseUrl: string | undefined
    readonly apiKey: Secret
    readonly webhookSecret: Secret
  }
  readonly mail: { readonly url: Secret | undefined }
}
