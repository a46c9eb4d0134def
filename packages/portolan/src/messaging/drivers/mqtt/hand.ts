import type { Connection } from './connection.ts'

/** A message that came over a connection. */
export interface Held {
  /** `undefined`: published at quality of service 0, which knows no acknowledgements. */
  readonly messageId: number | undefined
  done: boolean
}

/**
 * What came over one connection and is not acknowledged yet. MQTT wants acknowledgements in the order of arrival: one that is done with
 * earlier waits for those before it.
 */
export class Hand {
  readonly connection: Connection
  readonly #held: Held[] = []
  #open = 0

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** Those that are not done with. */
  get size(): number {
    return this.#open
  }

  add(messageId: number | undefined): Held {
    const held: Held = { messageId, done: false }
    this.#held.push(held)
    this.#open++
    return held
  }

  /** Idempotent. */
  settle(held: Held): void {
    if (held.done) return
    held.done = true
    this.#open--
    while (this.#held[0]?.done) {
      const { messageId } = this.#held.shift()!
      if (messageId !== undefined) this.connection.acknowledge(messageId)
    }
  }
}
