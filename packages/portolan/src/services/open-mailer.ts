import { InfrastructureError } from '../ports/errors.ts'
import type { Secret } from '../ports/secret.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { consoleMailer } from './console-mailer.ts'
import { fileMailer } from './drivers/file-mailer.ts'
import { smtpMailer } from './drivers/smtp.ts'
import type { OwnedMailer } from './mailer.ts'

/**
 * A mailer for an address: `smtp://user:password@host:587?connections=5&domain=example.com&requireTls=true`, `smtps://…`,
 * `file:./mails` (a directory), or `console:`.
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that it does not know; the address is not shown.
 */
export function openMailer(url: string | Secret, around: Partial<Surroundings> = {}): OwnedMailer {
  const text = typeof url === 'string' ? url : url.reveal()
  const scheme = /^([a-z]+):/.exec(text)?.[1]
  switch (scheme) {
    case 'smtp':
    case 'smtps':
      return smtpMailer({ ...around, url })
    case 'file':
      return fileMailer({ ...around, directory: directoryOf(text) })
    case 'console':
      if (text === 'console:') return consoleMailer()
      throw misfit("'console:' takes nothing behind the colon")
    default:
      throw misfit(
        `${scheme ? `it does not know '${scheme}:'` : 'it has no scheme'}. Allowed: smtp:, smtps:, file:, console:`,
      )
  }
}

function directoryOf(text: string): string {
  const directory = text.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
  if (directory === '' || directory.startsWith('//'))
    throw misfit("'file:' needs a directory, as in 'file:./mails'")
  if (/[?#]/.test(directory)) throw misfit("'file:' takes no parameters")
  return directory
}

function misfit(problem: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', `The address of the mailer cannot be used: ${problem}.`)
}
