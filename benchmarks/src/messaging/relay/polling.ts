import { setTimeout as sleep } from 'node:timers/promises'
import type { Arrivals } from '../arrivals.ts'
import { numberIn, type Sent, sent } from '../message.ts'
import type { Place } from '../places.ts'
import type { Relaying } from './relaying.ts'
import { type OutboxStore, openStore } from './store.ts'

/** As many as Portolan's relay takes at once. */
const batch = 500
const perTransaction = 1_000

/** Looks into the outbox again and again, at once as long as it finds something. */
export class Poller {
  readonly #store: OutboxStore
  readonly #publish: (messages: readonly Sent[]) => Promise<void>
  readonly #everyMs: number
  #stopped = false
  #running: Promise<void> = Promise.resolve()

  /** `everyMs`: pauses between two looks when there was little. */
  constructor(store: OutboxStore, publish: (messages: readonly Sent[]) => Promise<void>, everyMs: number) {
    this.#store = store
    this.#publish = publish
    this.#everyMs = everyMs
  }

  start(): void {
    this.#stopped = false
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const moved = await this.#store.move(batch, this.#publish)
      if (moved < batch && !this.#stopped) await sleep(this.#everyMs)
    }
  }
}

export async function pollingRelay(place: Place, arrivals: Arrivals): Promise<Relaying> {
  const store = await openStore(place)
  const poller = new Poller(
    store,
    async messages => {
      for (const { payload } of messages) arrivals.add(numberIn(payload))
    },
    10,
  )
  return {
    async fill(numbers) {
      await store.settle()
      for (let from = 0; from < numbers.length; from += perTransaction)
        await store.insert(numbers.slice(from, from + perTransaction).map(sent))
    },
    release: () => poller.start(),
    settled: () => poller.stop(),
    async [Symbol.asyncDispose]() {
      await poller.stop()
      await store[Symbol.asyncDispose]()
    },
  }
}
