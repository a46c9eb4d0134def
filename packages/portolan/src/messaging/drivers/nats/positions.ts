import type * as jetstream from '@nats-io/jetstream'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { plainName } from '../plain-name.ts'
import { isAnswer } from './answers.ts'
import { makeStream } from './make-stream.ts'

type Library = typeof jetstream

/** How far a group has come in a stream: everything up to `sequence` is handled. */
export interface Position {
  readonly sequence: number
  /** The place in the record by which it is moved. */
  readonly revision: number
}

/**
 * The record of how far each group has come in each stream that it is bound to. Each change names the one that it follows: of two
 * processes that move the same position, the one that has claimed it last does, and a process that was held up comes too late.
 */
export class Positions {
  readonly #record: string
  readonly #library: Library
  readonly #manager: JetStreamManager
  readonly #client: JetStreamClient

  constructor(prefix: string, library: Library, manager: JetStreamManager, client: JetStreamClient) {
    this.#record = `${prefix}-positions`
    this.#library = library
    this.#manager = manager
    this.#client = client
  }

  async open(): Promise<void> {
    await makeStream(this.#manager, {
      ...{ name: this.#record, subjects: [`${this.#record}.>`], storage: this.#library.StorageType.File },
      max_msgs_per_subject: 1,
    })
  }

  /** `undefined`: the group is not bound to the stream. */
  async of(stream: string, group: string): Promise<Position | undefined> {
    return (await this.#last(this.#subject(stream, group))).position
  }

  /** Where a group begins. Does nothing where it is bound already. */
  async begin(stream: string, group: string, sequence: number): Promise<void> {
    const { position, revision } = await this.#last(this.#subject(stream, group))
    // Whoever else begins it this very moment begins it for all.
    if (!position) await this.move(stream, group, sequence, revision)
  }

  /** Resolves with the new revision. `undefined`: it is not the one of `revision` any more that is there. */
  async move(stream: string, group: string, sequence: number, revision: number): Promise<number | undefined> {
    const expect = { lastSubjectSequence: revision }
    try {
      const { seq } = await this.#client.publish(this.#subject(stream, group), `${sequence}`, { expect })
      return seq
    } catch (error) {
      if (isAnswer(error, 'wrongSequence')) return undefined
      throw error
    }
  }

  /** From now on there is none. */
  async remove(stream: string, group: string): Promise<void> {
    await this.#client.publish(this.#subject(stream, group), '')
  }

  /** How far every group that is bound to the stream has come. */
  async ofAll(stream: string): Promise<number[]> {
    const { state } = await this.#manager.streams.info(this.#record, {
      subjects_filter: `${this.#record}.${stream}.*`,
    })
    const found = await Promise.all(Object.keys(state.subjects ?? {}).map(subject => this.#last(subject)))
    return found.flatMap(({ position }) => (position ? [position.sequence] : []))
  }

  /** The streams that a group is bound to. */
  async streams(group: string): Promise<string[]> {
    const { state } = await this.#manager.streams.info(this.#record, {
      subjects_filter: this.#subject('*', group),
    })
    return Object.keys(state.subjects ?? {}).map(subject => subject.split('.')[1]!)
  }

  /** What the record says, and since which revision; 0 where it never said anything. */
  async #last(subject: string): Promise<{ position: Position | undefined; revision: number }> {
    const found = await this.#manager.streams.getMessage(this.#record, { last_by_subj: subject })
    const text = found?.string() ?? ''
    const revision = found?.seq ?? 0
    return { position: text === '' ? undefined : { sequence: Number(text), revision }, revision }
  }

  #subject(stream: string, group: string): string {
    return `${this.#record}.${stream}.${plainName(group)}`
  }
}
