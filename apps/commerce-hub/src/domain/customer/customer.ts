import { ShopError } from '../shop-error.ts'

export interface CustomerState {
  /** The user id that WhatsApp gave, or the WhatsApp number where there is none. */
  readonly id: string
  /** Where messages go. */
  readonly waId: string
  readonly name: string
  readonly email: string | null
  readonly firstSeenAt: Date
  /** When the last message came in, by the shop's clock: opens the 24-hour window. */
  readonly lastSeenAt: Date
}

const windowMs = 24 * 60 * 60 * 1000

/** Somebody who chats with the shop. */
export class Customer {
  readonly id: string
  readonly firstSeenAt: Date
  #waId: string
  #name: string
  #email: string | null
  #lastSeenAt: Date

  private constructor(state: CustomerState) {
    this.id = state.id
    this.#waId = state.waId
    this.firstSeenAt = state.firstSeenAt
    this.#name = state.name
    this.#email = state.email
    this.#lastSeenAt = state.lastSeenAt
  }

  static meet(id: string, waId: string, name: string, now: Date): Customer {
    return new Customer({ id, waId, name, email: null, firstSeenAt: now, lastSeenAt: now })
  }

  static restore(state: CustomerState): Customer {
    return new Customer(state)
  }

  get waId(): string {
    return this.#waId
  }

  get name(): string {
    return this.#name
  }

  get email(): string | null {
    return this.#email
  }

  get lastSeenAt(): Date {
    return this.#lastSeenAt
  }

  /** A message came in. Answers go to where it came from: people change their number, or begin to hide it. */
  seen(waId: string, name: string | undefined, now: Date): void {
    this.#waId = waId
    if (name) this.#name = name
    if (now > this.#lastSeenAt) this.#lastSeenAt = now
  }

  /** Whether WhatsApp lets the shop answer freely. */
  isInWindow(now: Date): boolean {
    return now.getTime() - this.#lastSeenAt.getTime() < windowMs
  }

  /** @throws ShopError `invalid_email` */
  setEmail(email: string): void {
    if (
      email.length > 254 ||
      !/^[^\s\p{C}\ufffd@<>,;:"()[\]\\]+@[^\s\p{C}\ufffd@<>,;:"()[\]\\]+\.[^\s\p{C}\ufffd@<>,;:"()[\]\\.]+$/u.test(
        email,
      )
    ) {
      throw new ShopError(
        'invalid_email',
        'That is no e-mail address. Send for example: email jo@example.org',
      )
    }
    this.#email = email
  }
}
