import type { Database } from '../persistence/database.ts'
import type { Custody, Outcome } from './custody.ts'
import type { Delivery } from './driver.ts'
import type { Inbox } from './inbox.ts'
import type { Addressed, Retries } from './retries.ts'

/**
 * Deliveries of a broker that does not join the database. The inbox remembers with the same commit what was taken in: by its handler,
 * or into what is tried again. The broker itself never has to wait or to count.
 */
export class Received implements Custody<Delivery> {
  readonly #group: string
  readonly #database: Database
  readonly #inbox: Inbox
  readonly #retries: Retries

  constructor(group: string, database: Database, inbox: Inbox, retries: Retries) {
    this.#group = group
    this.#database = database
    this.#inbox = inbox
    this.#retries = retries
  }

  async admits({ message }: Delivery): Promise<boolean> {
    const { known, behind } = await this.#inbox.look(this.#group, message)
    if (known) return false
    if (!behind) return true
    await this.#keep(message.id, () => this.#retries.add([this.#addressed(message)]))
    return false
  }

  attempt(): number {
    return 1
  }

  take(deliveries: readonly Delivery[]): Promise<boolean> {
    const ids = deliveries.map(({ message }) => message.id)
    return this.#inbox.add(this.#group, ids)
  }

  async again(delivery: Delivery, delayMs: number, history: string): Promise<Outcome> {
    const { message } = delivery
    const failed = { ...this.#addressed(message), history }
    await this.#keep(message.id, () => this.#retries.addFailed(failed, 1, delayMs))
    await delivery.ack()
    // What follows it in its key finds it there, and queues behind it.
    return 'settled'
  }

  /** It comes again by itself when its consumption closes. */
  release(): void {}

  #keep(id: string, add: () => Promise<void>): Promise<void> {
    return this.#database.run(async () => {
      if (await this.#inbox.add(this.#group, [id])) await add()
    })
  }

  #addressed(message: Delivery['message']): Addressed {
    return { ...message, group: this.#group }
  }
}
