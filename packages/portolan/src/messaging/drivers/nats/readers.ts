import type * as jetstream from '@nats-io/jetstream'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'

type Library = typeof jetstream

/** Who reads what: the name of one consumer, and its place in the record, by which it is replaced. */
export interface Reader {
  readonly name: string
  readonly sequence: number
}

/** JetStream's answer to a write that expects another sequence. */
const wrongSequence = 10_071

/**
 * Remembers which consumer is the one of a group, partition and topic. Each change names the one that it replaces, so that of two
 * processes that want to replace the same one, one does: a process that was stopped in the middle of it comes too late.
 */
export class Readers {
  readonly #stream: string
  readonly #library: Library
  readonly #manager: JetStreamManager
  readonly #client: JetStreamClient

  constructor(prefix: string, library: Library, manager: JetStreamManager, client: JetStreamClient) {
    this.#stream = `${prefix}-readers`
    this.#library = library
    this.#manager = manager
    this.#client = client
  }

  async open(): Promise<void> {
    await this.#manager.streams.add({
      ...{ name: this.#stream, subjects: [`${this.#stream}.>`], storage: this.#library.StorageType.File },
      max_msgs_per_subject: 1,
    })
  }

  async current(slot: string): Promise<Reader | undefined> {
    const found = await this.#manager.streams.getMessage(this.#stream, { last_by_subj: this.#subject(slot) })
    const name = found?.string() ?? ''
    return found && name !== '' ? { name, sequence: found.seq } : undefined
  }

  /** `false`: it is not `replaced` any more that is there. */
  async replace(slot: string, replaced: Reader | undefined, name: string): Promise<boolean> {
    const sequence = replaced?.sequence ?? (await this.#lastSequence(slot))
    try {
      await this.#client.publish(this.#subject(slot), name, { expect: { lastSubjectSequence: sequence } })
      return true
    } catch (error) {
      if ((error as { code?: unknown }).code === wrongSequence) return false
      throw error
    }
  }

  /** From now on there is none. */
  async remove(slot: string): Promise<void> {
    await this.#client.publish(this.#subject(slot), '')
  }

  /** That of an entry that says there is none; 0 when there never was one. */
  async #lastSequence(slot: string): Promise<number> {
    const found = await this.#manager.streams.getMessage(this.#stream, { last_by_subj: this.#subject(slot) })
    return found === null || found.string() !== '' ? 0 : found.seq
  }

  #subject(slot: string): string {
    return `${this.#stream}.${slot}`
  }
}
