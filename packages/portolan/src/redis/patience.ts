import type { Redis } from 'ioredis'
import { systemClock } from '../runtime/clock.ts'
import { Deadlines } from '../runtime/deadlines.ts'

/**
 * How long a connection may leave a command without its answer. A network that swallows everything leaves the connection open, so it is given up
 * then, with all that waits on it; the client makes a new one. All commands share one timer: the client's own makes one for each.
 */
export class Patience {
  readonly #deadlines: Deadlines
  readonly #giveUp: () => void

  constructor(client: Redis, limitMs: number) {
    this.#deadlines = new Deadlines(systemClock, limitMs)
    this.#giveUp = () => client.stream?.destroy(new Error(`No answer came within ${limitMs} ms.`))
    // What the client sends itself, until the connection may be used.
    client.on('connect', () => {
      const wait = this.#deadlines.begin(this.#giveUp)
      const end = () => {
        client.off('ready', end).off('close', end)
        this.#deadlines.end(wait)
      }
      client.on('ready', end).on('close', end)
    })
  }

  with<Answer>(command: Promise<Answer>): Promise<Answer> {
    const wait = this.#deadlines.begin(this.#giveUp)
    const end = () => this.#deadlines.end(wait)
    command.then(end, end)
    return command
  }
}
