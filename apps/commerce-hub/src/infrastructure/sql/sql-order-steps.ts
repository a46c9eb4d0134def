import { type Database, insertIfAbsent } from 'portolan/persistence'
import type { OrderStep, OrderSteps } from '../../application/ports/order-steps.ts'

export class SqlOrderSteps implements OrderSteps {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async done(orderId: string, step: OrderStep, at: Date): Promise<void> {
    await insertIfAbsent(this.#database, 'order_steps', { order_id: orderId, step, done_at: at.getTime() })
  }
}
