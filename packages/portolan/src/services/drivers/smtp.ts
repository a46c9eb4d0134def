import { Readable } from 'node:stream'
import { type ErrorCode, InfrastructureError } from '../../ports/errors.ts'
import type { Secret } from '../../ports/secret.ts'
import type { Duration } from '../../ports/time.ts'
import { loadClient } from '../../runtime/clients.ts'
import { milliseconds } from '../../runtime/duration.ts'
import { type Surroundings, surroundings } from '../../runtime/surroundings.ts'
import { mailer, type OwnedMailer } from '../mailer.ts'
import { type ComposedMail, composeMail } from './mime.ts'
import { parseSmtpUrl } from './smtp-url.ts'

export interface SmtpMailerOptions extends Partial<Surroundings> {
  /** `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. */
  readonly url: string | Secret
  /** Connections that are kept open, each for any number of mails. Default 5. */
  readonly connections?: number
  /** Refuse to send unless the connection was upgraded to TLS. Default: TLS when the server offers it. */
  readonly requireTls?: boolean
  /** The right side of message ids. Default: that of the sender's address. */
  readonly domain?: string
  /** For each step: connecting, the greeting, an answer. Default `'15s'`. */
  readonly timeout?: Duration
}

/**
 * Mail over SMTP, with nodemailer (`npm install nodemailer`) and pooled connections.
 *
 * @example
 * const mails = smtpMailer({ url: 'smtp://localhost:2525' })
 * await mails.send({ id: `receipt-${order.id}`, from: 'shop@example.com', to: [customer.mail], subject: 'Your receipt', text })
 */
export function smtpMailer(options: SmtpMailerOptions): OwnedMailer {
  const { clock } = surroundings(options)
  const { url } = options
  const server = parseSmtpUrl(typeof url === 'string' ? url : url.reveal())
  const timeoutMs = milliseconds(options.timeout ?? '15s', 'timeout')
  let pool: Promise<Pool> | undefined

  async function open(): Promise<Pool> {
    // Its pool alone: what surrounds it composes mails, and took longer for each than sending it.
    const { default: SmtpPool } = await loadClient('nodemailer', () => import('nodemailer/lib/smtp-pool'))
    return new SmtpPool({
      host: server.host,
      port: server.port,
      secure: server.secure,
      ...(server.user && { auth: { user: server.user, pass: server.password } }),
      requireTLS: options.requireTls ?? server.requireTls ?? false,
      maxConnections: options.connections ?? server.connections ?? 5,
      maxMessages: Number.POSITIVE_INFINITY,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    }) as unknown as Pool
  }

  const domain = options.domain ?? server.domain
  return mailer(
    {
      name: 'smtp',
      async deliver(mail, messageId) {
        pool ??= open()
        const composed = composeMail(mail, messageId, clock.now())
        const { accepted = [], rejected = [] } = await handOver(await pool, composed, messageId)
        if (rejected.length > 0) throw partlyRefused(accepted.length, rejected.length)
      },
      explain,
      async close() {
        if (pool) (await pool).close()
      },
    },
    domain === undefined ? {} : { domain },
  )
}

function partlyRefused(accepted: number, rejected: number): InfrastructureError {
  return new InfrastructureError(
    'invalid_argument',
    `The mail server took the mail for ${accepted} addresses and refused ${rejected}. Send it to those alone, once they are corrected.`,
    { details: { accepted, rejected } },
  )
}

/** What nodemailer's errors say: its own code, the server's reply code, and the command that failed. */
function explain(error: unknown): InfrastructureError {
  const { code, responseCode, command } = (error ?? {}) as NativeError
  const reply = responseCode === undefined ? '' : ` with ${responseCode}`
  const details = {
    ...(responseCode !== undefined && { responseCode }),
    ...(command && { command }),
    // Once the content is on its way, only the server knows.
    outcome: responseCode === undefined && command === 'DATA' ? 'unknown' : 'not_sent',
  }
  const fail = (to: ErrorCode, message: string, retry: 'never' | 'later' = 'never') =>
    new InfrastructureError(to, message, { cause: error, retry, details })

  if (code === 'EAUTH')
    return fail('unauthenticated', `The mail server refused the sign-in${reply}. Check user and password.`)
  if (code === 'ETLS') return fail('unavailable', 'The mail server does not offer the TLS that is required.')
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500)
    return fail('unavailable', `The mail server refused the mail for now${reply}.`, 'later')
  if (responseCode === 552)
    return fail('resource_exhausted', `The mail is too big for the mail server${reply}.`)
  if (code === 'EENVELOPE')
    return fail(
      'invalid_argument',
      `The mail server refused an address${reply}. Check sender and recipients.`,
    )
  if (responseCode !== undefined)
    return fail('permission_denied', `The mail server refused the mail${reply}.`)
  if (code === 'ETIMEDOUT')
    return fail('deadline_exceeded', 'The mail server did not answer in time.', 'later')
  return fail('unavailable', 'The mail server cannot be reached. Check its address and the network.', 'later')
}

interface NativeError {
  readonly code?: string
  readonly responseCode?: number
  readonly command?: string
}

function handOver(pool: Pool, { envelope, raw }: ComposedMail, messageId: string): Promise<Sent> {
  const message: PooledMail['message'] = {
    getEnvelope: () => ({ from: envelope.from, to: [...envelope.to] }),
    messageId: () => messageId,
    getHeader: () => messageId,
    createReadStream: () =>
      new Readable({
        read() {
          this.push(raw)
          this.push(null)
        },
      }),
  }
  return new Promise((resolve, reject) =>
    pool.send({ data: {}, message }, (error, sent) => (error ? reject(error) : resolve(sent ?? {}))),
  )
}

/** What is used of nodemailer, so that its types are not needed where it is not installed. */
interface Pool {
  send(mail: PooledMail, done: (error: Error | null, sent?: Sent) => void): void
  close(): void
}

/** What its pool asks a mail for; the stream tells it whether a mail whose connection was lost may have gone out. */
interface PooledMail {
  readonly data: object
  readonly message: {
    getEnvelope(): { readonly from: string; readonly to: string[] }
    messageId(): string
    getHeader(name: 'message-id'): string
    createReadStream(): Readable
  }
}

interface Sent {
  readonly accepted?: readonly unknown[]
  readonly rejected?: readonly unknown[]
}
