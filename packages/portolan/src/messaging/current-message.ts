import { AsyncLocalStorage } from 'node:async_hooks'
import type { Message } from '../ports/messages.ts'

/** The message that is being handled where the caller runs: what is published there was caused by it. */
export class CurrentMessage {
  readonly #storage = new AsyncLocalStorage<Message>()

  get(): Message | undefined {
    return this.#storage.getStore()
  }

  run<T>(message: Message, work: () => T): T {
    return this.#storage.run(message, work)
  }
}
