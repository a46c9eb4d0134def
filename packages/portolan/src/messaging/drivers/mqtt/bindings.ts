import type { IPublishPacket } from 'mqtt'
import type { Connection } from './connection.ts'
import { lastLevel, type Names } from './names.ts'
import type { Replies } from './replies.ts'

/**
 * Which topics a group is bound to, as retained messages tell: to ask the sessions themselves, one would have to take them from whoever
 * consumes them. They are kept with the sessions, and lost with them.
 */
export class Bindings {
  readonly #names: Names
  readonly #replies: Replies
  /** What they say: into how many partitions. */
  readonly #text: string
  readonly #reading = new Map<string, Set<string>>()

  constructor(names: Names, replies: Replies, partitions: number) {
    this.#names = names
    this.#replies = replies
    this.#text = String(partitions)
  }

  take({ topic, payload }: IPublishPacket): void {
    if (payload.toString() !== this.#text) return
    this.#reading.get(groupLevel(topic))?.add(lastLevel(topic))
  }

  /** Not more than one at a time for a group. */
  async of(connection: Connection, group: string): Promise<ReadonlySet<string>> {
    const filter = this.#names.bindings(group)
    const found = new Set<string>()
    this.#reading.set(groupLevel(filter), found)
    try {
      await connection.subscribe([filter], true)
      await this.#replies.caughtUp(connection)
      await connection.unsubscribe([filter])
    } finally {
      this.#reading.delete(groupLevel(filter))
    }
    return found
  }

  async add(connection: Connection, group: string, topics: readonly string[]): Promise<void> {
    for (const topic of topics) await this.#retain(connection, group, topic, this.#text)
  }

  async remove(connection: Connection, group: string, topics: Iterable<string>): Promise<void> {
    for (const topic of topics) await this.#retain(connection, group, topic, '')
  }

  async #retain(connection: Connection, group: string, topic: string, text: string): Promise<void> {
    await connection.publish(this.#names.binding(group, topic), text, { retain: true })
  }
}

function groupLevel(topic: string): string {
  return topic.split('/').at(-2)!
}
