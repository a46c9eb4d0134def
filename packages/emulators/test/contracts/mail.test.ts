import { test } from 'node:test'
import { casesFor, type MailerHarness, mailerContract } from 'portolan/contracts'
import { smtpMailer } from 'portolan/services'
import { startEmulators } from '../support/emulators.ts'

async function open(): Promise<MailerHarness> {
  const emulators = await startEmulators()
  const mailer = smtpMailer({ url: emulators.mail.url })
  return {
    mailer,
    received: async () =>
      (await emulators.mail.list({ limit: 1_000 })).map(mail => ({
        ...mail,
        html: mail.html,
        messageId: `<${mail.id}>`,
      })),
    async [Symbol.asyncDispose]() {
      await mailer.close()
      await emulators.stop()
    },
  }
}

for (const item of casesFor(mailerContract, {}, open)) test(`smtp: ${item.name}`, () => item.run())
