import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { PublishFailure, WireMessage } from '../../driver.ts'
import { partitionOf } from '../../shards.ts'
import type { Checkpoint } from './checkpoints.ts'
import type { Connection } from './connection.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'
import { contentOf } from './packets.ts'
import type { Sessions } from './sessions.ts'

/** Milliseconds to wait for the acknowledgements of a batch. */
const confirmTimeoutMs = 30_000
/** Reasons of MQTT 5 that will be the same the next time: implementation specific, not authorized, topic name, too large, format. */
const lasting = new Set([0x83, 0x87, 0x90, 0x95, 0x99])

/** Publishes at quality of service 1, pipelined on one connection. */
export class Publishing {
  readonly #link: Link
  readonly #names: Names
  readonly #sessions: Sessions
  readonly #partitions: number
  readonly #checkpoint: Checkpoint
  readonly #surroundings: Surroundings

  constructor(
    link: Link,
    names: Names,
    sessions: Sessions,
    partitions: number,
    checkpoint: Checkpoint,
    surroundings: Surroundings,
  ) {
    this.#link = link
    this.#names = names
    this.#sessions = sessions
    this.#partitions = partitions
    this.#checkpoint = checkpoint
    this.#surroundings = surroundings
  }

  async publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    const connection = this.#link.require()
    const timer = this.#surroundings.clock.timer(confirmTimeoutMs, () => connection.destroy())
    try {
      const failures = await Promise.all(messages.map(message => this.#publish(connection, message)))
      const forgotten = failures.some(failure => failure?.error instanceof Forgotten)
      if (forgotten) await this.#sessions.remake(connection)
      await this.#checkpoint(connection)
      return failures.filter(failure => failure !== undefined)
    } finally {
      timer.cancel()
    }
  }

  async #publish(connection: Connection, message: WireMessage): Promise<PublishFailure | undefined> {
    const { id, topic } = message
    const name = this.#names.messages(topic, partitionOf(message, this.#partitions))
    const { payload, properties, size } = contentOf(message, name)
    if (size > connection.largestPacket) {
      const error = new Error(`It has ${size} bytes, and the broker takes ${connection.largestPacket}.`)
      return { id, error, permanent: true }
    }
    try {
      const receipt = await connection.publish(name, payload, { properties })
      // Where no group is bound, that is as it should be.
      if (receipt === 'taken' || !this.#sessions.isBound(topic)) return undefined
      return { id, error: new Forgotten(), permanent: false }
    } catch (error) {
      // A reason of the broker's is about this message; without one, nothing is known about any.
      const reason = reasonIn(error)
      if (reason === undefined) throw error
      return { id, error, permanent: lasting.has(reason) }
    }
  }
}

/** No session took it, although a group is bound. */
class Forgotten extends Error {
  constructor() {
    super('The broker has forgotten the sessions of a group. They were made again.')
  }
}

/** Why the broker refuses; `undefined`: the error is not an answer of it. */
export function reasonIn(error: unknown): number | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'number' && code >= 0x80 ? code : undefined
}
