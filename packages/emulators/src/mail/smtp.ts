import type { AddressInfo } from 'node:net'
import type { Surroundings } from 'portolan/runtime'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { MailFaults } from './faults.ts'

export interface Received {
  readonly id: string
  readonly sender: string
  readonly recipients: readonly string[]
  readonly raw: Uint8Array
}

export interface SmtpOptions extends Pick<Surroundings, 'clock' | 'ids' | 'random' | 'logger'> {
  readonly host: string
  readonly port: number
  readonly faults: () => MailFaults
  /** Resolves once the mail is stored; only then is it accepted. */
  readonly received: (mail: Received) => Promise<void>
}

const maximumBytes = 10 * 1024 * 1024

export function createSmtpServer(options: SmtpOptions) {
  const { clock, ids, random, logger, faults, host } = options
  let port = options.port

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    // Nobody looks up the names of clients on the loopback.
    disableReverseLookup: true,
    size: maximumBytes,
    // Clients keep their connections; a stop does not wait for them to let go.
    closeTimeout: 500,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anonymous' }),
    onConnect: (_session, done) => done(faults().down ? smtpError(421, 'Service not available') : null),
    onRcptTo({ address }, _session, done) {
      const unknown = faults().unknownRecipients.includes(address)
      done(unknown ? smtpError(550, `There is no mailbox ${address}`) : null)
    },
    onData(stream, session, done) {
      receive(stream, session).then(() => done(null), done)
    },
  })
  // A client that goes away is its own business.
  server.on('error', error => logger.debug('SMTP connection failed', { error }))

  async function receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    if (stream.sizeExceeded) throw smtpError(552, 'The mail is larger than 10 MiB')
    const { errorRate, latencyMs } = faults()
    if (latencyMs > 0) await clock.sleep(latencyMs)
    if (errorRate > 0 && random.next() < errorRate) throw smtpError(451, 'Try again later')
    const raw = Buffer.concat(chunks)
    const { mailFrom, rcptTo } = session.envelope
    await options.received({
      id: messageId(raw) ?? `${ids.next()}@emulators.invalid`,
      sender: mailFrom ? mailFrom.address : '',
      recipients: rcptTo.map(recipient => recipient.address),
      raw,
    })
  }

  return {
    get url() {
      return `smtp://${host}:${port}`
    },
    start: () =>
      new Promise<void>((resolve, reject) => {
        server.server.once('error', reject)
        server.listen(options.port, host, () => {
          server.server.off('error', reject)
          port = (server.server.address() as AddressInfo).port
          resolve()
        })
      }),
    stop: () =>
      new Promise<void>(resolve => {
        if (server.server.listening) server.close(() => resolve())
        else resolve()
      }),
  }
}

/** Without parsing the mail: it is the only header that is needed before somebody looks. */
function messageId(raw: Buffer): string | undefined {
  const end = raw.indexOf('\r\n\r\n')
  const headers = raw.toString('latin1', 0, end < 0 ? raw.length : end)
  return /^message-id:\s*<([^>\r\n]+)>/im.exec(headers)?.[1]
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}
