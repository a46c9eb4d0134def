import { InfrastructureError } from '../ports/errors.ts'
import type { Mail, Mailer } from '../ports/mailer.ts'
import { cancelled } from '../runtime/clock.ts'
import { invalid } from './limits.ts'
import type { MailDriver } from './mail-driver.ts'

/** A mailer that owns its connections. */
export interface OwnedMailer extends Mailer, AsyncDisposable {
  /** Waits for the mails in hand, then releases the connections. Idempotent. */
  close(): Promise<void>
}

/**
 * The portable part of every mailer: checks a mail, names it, and converts what goes wrong.
 *
 * @param domain The right side of message ids. Default: that of the sender's address.
 */
export function mailer(driver: MailDriver, { domain }: { readonly domain?: string } = {}): OwnedMailer {
  const inHand = new Set<Promise<void>>()
  let closing: Promise<void> | undefined

  async function send(mail: Mail): Promise<void> {
    checkMail(mail)
    if (closing) throw new InfrastructureError('unavailable', 'The mailer is closed.')
    if (mail.signal?.aborted) throw cancelled(mail.signal)
    const delivery = deliver(mail)
    inHand.add(delivery)
    try {
      await (mail.signal ? orAbort(delivery, mail.signal) : delivery)
    } finally {
      inHand.delete(delivery)
    }
  }

  async function deliver(mail: Mail): Promise<void> {
    try {
      await driver.deliver(mail, `<${mail.id}@${domain ?? domainOf(mail.from)}>`)
    } catch (error) {
      throw InfrastructureError.is(error) ? error : driver.explain(error)
    }
  }

  async function release(): Promise<void> {
    await Promise.allSettled(inHand)
    await driver.close()
  }

  const close = () => (closing ??= release())
  return { send, close, [Symbol.asyncDispose]: close }
}

/** Settles with `work`, or rejects as soon as `signal` aborts: mail that is on its way cannot be called back. */
function orAbort(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () =>
      reject(
        new InfrastructureError('cancelled', 'The caller gave up a mail that may have been sent.', {
          cause: signal.reason,
          details: { outcome: 'unknown' },
        }),
      )
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Nothing that could end a header, and an address in it: alone, or in angle brackets behind a name. */
const address = /^(?:[^\r\n<>]*<)?([^\s<>@",;:]+@[^\s<>@",;:]+)>?$/

function checkMail(mail: Mail): void {
  if (!/^[A-Za-z0-9._-]{1,200}$/.test(mail.id))
    throw invalid('id', "has other characters than letters, digits, '.', '-' and '_', or none, or too many")
  if (mail.to.length === 0) throw invalid('to', 'is empty')
  checkAddress('from', mail.from)
  for (const [i, to] of mail.to.entries()) checkAddress(`to[${i}]`, to)
  for (const [i, cc] of (mail.cc ?? []).entries()) checkAddress(`cc[${i}]`, cc)
  if (/[\r\n]/.test(mail.subject)) throw invalid('subject', 'has a line break')
}

function checkAddress(field: string, text: string): void {
  const angled = text.includes('<') === text.includes('>')
  if (text.length > 320 || !angled || !address.test(text))
    throw invalid(field, "is no address such as 'ann@example.com' or 'Ann <ann@example.com>'")
}

const domainOf = (from: string): string => address.exec(from)![1]!.split('@')[1]!
