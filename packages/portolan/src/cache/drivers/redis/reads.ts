import type { Redis } from 'ioredis'

/** In one command: values may be large. */
const mostKeys = 100

interface Answer {
  readonly held: Buffer | null
  readonly state: Buffer | null
}

interface Batch {
  readonly keys: string[]
  readonly answer: Promise<readonly (Buffer | null)[]>
}

/** Reads of one go share a round trip, with the state of the store behind them. */
export class Reads {
  readonly #client: Redis
  readonly #state: string
  #batch: Batch | undefined

  constructor(client: Redis, state: string) {
    this.#client = client
    this.#state = state
  }

  async read(key: string): Promise<Answer> {
    const batch = this.#batch ?? this.#begin()
    const at = batch.keys.push(key) - 1
    if (batch.keys.length >= mostKeys) this.#batch = undefined
    const answer = await batch.answer
    return { held: answer[at] ?? null, state: answer.at(-1) ?? null }
  }

  #begin(): Batch {
    const { promise, resolve, reject } = Promise.withResolvers<readonly (Buffer | null)[]>()
    const batch: Batch = { keys: [], answer: promise }
    this.#batch = batch
    // After all who go on with the same answer have asked for more.
    process.nextTick(() => {
      if (this.#batch === batch) this.#batch = undefined
      this.#client.mgetBuffer(...batch.keys, this.#state).then(resolve, reject)
    })
    return batch
  }
}
