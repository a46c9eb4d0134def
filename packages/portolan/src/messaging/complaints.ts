import type { LogFields, Logger } from '../ports/logger.ts'
import type { Clock } from '../ports/time.ts'

const periodMs = 10_000

/** Warnings about what keeps going wrong: of each kind, a line a period, with the number of those that were left out. */
export class Complaints {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #suppressed = new Map<string, { since: number; count: number }>()

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Those with the same message and the same `type` field are of one kind. */
  warn(message: string, fields: LogFields): void {
    const now = this.#clock.monotonic()
    const kind = `${message} ${fields.type}`
    const last = this.#suppressed.get(kind)
    if (last && now - last.since < periodMs) {
      last.count++
      return
    }
    this.#suppressed.set(kind, { since: now, count: 0 })
    this.#logger.warn(message, last?.count ? { ...fields, alike: last.count } : fields)
  }
}
