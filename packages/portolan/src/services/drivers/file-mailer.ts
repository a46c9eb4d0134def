import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InfrastructureError } from '../../ports/errors.ts'
import type { Files } from '../../ports/files.ts'
import { type Surroundings, surroundings } from '../../runtime/surroundings.ts'
import { mailer, type OwnedMailer } from '../mailer.ts'
import { composeMail } from './mime.ts'

export type FileMailerOptions = Partial<Surroundings> & { readonly domain?: string } & (
    | { readonly directory: string }
    | { readonly files: Pick<Files, 'write'> }
  )

/**
 * Writes each mail as `<id>.eml`, as SMTP would carry it, into a directory or a file storage: for development and tests. The same mail
 * sent twice is one file.
 */
export function fileMailer(options: FileMailerOptions): OwnedMailer {
  const { clock, ids } = surroundings(options)

  async function write(name: string, content: Uint8Array): Promise<void> {
    if ('files' in options) {
      await options.files.write(name, content, { contentType: 'message/rfc822' })
      return
    }
    await mkdir(options.directory, { recursive: true })
    // Renamed when it is whole, so that readers of the directory never see a part.
    const partial = join(options.directory, `.${name}.${ids.next()}`)
    await writeFile(partial, content)
    await rename(partial, join(options.directory, name))
  }

  return mailer(
    {
      name: 'file',
      async deliver(mail, messageId) {
        await write(`${mail.id}.eml`, composeMail(mail, messageId, clock.now()).raw)
      },
      explain: error =>
        new InfrastructureError(
          'unavailable',
          'The mail cannot be written. Check the directory and the disk.',
          {
            cause: error,
            retry: 'later',
          },
        ),
      close: () => Promise.resolve(),
    },
    options.domain === undefined ? {} : { domain: options.domain },
  )
}
