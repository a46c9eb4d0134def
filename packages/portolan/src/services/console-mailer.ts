import { InfrastructureError } from '../ports/errors.ts'
import { mailer, type OwnedMailer } from './mailer.ts'

/** Prints each mail: for development. */
export function consoleMailer({
  write = console.log,
}: {
  readonly write?: (text: string) => void
} = {}): OwnedMailer {
  return mailer({
    name: 'console',
    async deliver({ from, to, cc, subject, text }, messageId) {
      const lines = [
        `From: ${from}`,
        `To: ${to.join(', ')}`,
        `Subject: ${subject}`,
        `Message-ID: ${messageId}`,
      ]
      if (cc?.length) lines.splice(2, 0, `Cc: ${cc.join(', ')}`)
      write(`${lines.join('\n')}\n\n${text}\n`)
    },
    explain: cause => new InfrastructureError('internal', 'The mail cannot be printed.', { cause }),
    close: () => Promise.resolve(),
  })
}
