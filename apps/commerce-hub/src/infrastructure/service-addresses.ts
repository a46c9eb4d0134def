import type { HubConfig } from './config.ts'

/** Where the services of others are: where the configuration says, else where the emulators of this process listen. */
export function serviceAddresses({ emulators, whatsapp, payments, mail }: HubConfig) {
  const local = `http://127.0.0.1:${emulators.port}`
  return {
    whatsapp: whatsapp.baseUrl ?? (emulators.enabled ? `${local}/whatsapp` : 'https://graph.facebook.com'),
    payments: payments.baseUrl ?? `${local}/payments`,
    mail: mail.url ?? `smtp://127.0.0.1:${emulators.smtpPort}`,
  }
}
