import type { StreamInfo } from '@nats-io/jetstream'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { Loop } from '../../loop.ts'
import type { Positions } from './positions.ts'
import type { Streams } from './streams.ts'

/** Milliseconds. So long a stream keeps what every group has had. */
const every = 10_000

/** Removes what every group has had. Each process does so; what one has done is done for all. */
export class Trimming {
  readonly #streams: Streams
  readonly #positions: Positions
  readonly #loop: Loop

  constructor(streams: Streams, positions: Positions, surroundings: Surroundings) {
    this.#streams = streams
    this.#positions = positions
    const what = 'remove from NATS what every group has had'
    this.#loop = new Loop(surroundings, what, () => this.#trim(), { least: every, most: every })
  }

  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  async #trim(): Promise<number> {
    for (const stream of await this.#streams.all()) if (stream.state.messages > 1) await this.#trimOne(stream)
    return Infinity
  }

  /**
   * Up to where every group has come, but not beyond what was there before it was asked who is bound: whoever is bound meanwhile is owed
   * what comes after. The newest message stays.
   */
  async #trimOne({ config: { name }, state }: StreamInfo): Promise<void> {
    const positions = await this.#positions.ofAll(name)
    const keep = Math.min(state.last_seq, ...positions.map(position => position + 1))
    if (keep > state.first_seq) await this.#streams.trim(name, keep)
  }
}
