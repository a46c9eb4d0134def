export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly cc?: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** Names the mail for ever (its `Message-ID`): sent twice, the other side can tell. Letters, digits, `.`, `-`, `_`. */
  readonly id: string
  readonly signal?: AbortSignal
}

/**
 * Sends mail.
 *
 * @example
 * import type { Mailer } from 'portolan'
 *
 * declare const mailer: Mailer
 * await mailer.send({
 *   id: 'order-42',
 *   from: 'shop@example.com',
 *   to: ['ada@example.com'],
 *   subject: 'Your order 42',
 *   text: 'It is on its way.',
 * })
 */
export interface Mailer {
  /** Resolves once the server has taken it. Rejects with `invalid_argument` for an address that cannot be. */
  send(mail: Mail): Promise<void>
}
