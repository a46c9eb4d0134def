import type { IPublishPacket } from 'mqtt'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { Bindings } from './bindings.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import type { Names } from './names.ts'

/** Milliseconds, for the answers of a session that others may take meanwhile. */
const limitMs = 10_000
const pauseMs = 20

/** The sessions of groups: made, subscribed and ended here, consumed elsewhere. */
export class Sessions {
  readonly #names: Names
  readonly #partitions: number
  readonly #bindings: Bindings
  readonly #surroundings: Surroundings
  readonly #connect: (options: ConnectionOptions) => Promise<Connection>
  /** What this process has bound. */
  readonly #bound = new Map<string, Set<string>>()
  #remaking: Promise<void> | undefined

  constructor(
    names: Names,
    partitions: number,
    bindings: Bindings,
    surroundings: Surroundings,
    connect: (options: ConnectionOptions) => Promise<Connection>,
  ) {
    this.#names = names
    this.#partitions = partitions
    this.#bindings = bindings
    this.#surroundings = surroundings
    this.#connect = connect
  }

  async bind(way: Connection, group: string, topics: readonly string[]): Promise<void> {
    this.#bound.set(group, new Set([...(this.#bound.get(group) ?? []), ...topics]))
    await this.#ensure(way, group, topics)
  }

  isBound(topic: string): boolean {
    return [...this.#bound.values()].some(topics => topics.has(topic))
  }

  /** Makes again what the broker has forgotten of what this process has bound. */
  async restore(way: Connection): Promise<void> {
    for (const [group, topics] of this.#bound) {
      const made = await this.#ensure(way, group, [...topics])
      if (made)
        this.#surroundings.logger.warn('The MQTT broker had forgotten sessions, and what waited in them.', {
          group,
        })
    }
  }

  /** Makes it again, whatever the broker says of it. Those that ask meanwhile are part of it. */
  remake(way: Connection): Promise<void> {
    this.#remaking ??= this.#remake(way).finally(() => {
      this.#remaking = undefined
    })
    return this.#remaking
  }

  /** Resolves with the number of messages that were dropped. */
  async unbind(way: Connection, group: string, topic: string, last: boolean): Promise<number> {
    this.#bound.get(group)?.delete(topic)
    if (last) this.#bound.delete(group)
    await this.#bindings.remove(way, group, last ? await this.#bindings.of(way, group) : [topic])
    const dropped = this.#each(partition =>
      last ? this.#end(group, partition) : this.#unsubscribe(group, partition, topic),
    )
    return (await dropped).reduce((sum, count) => sum + count, 0)
  }

  async #remake(way: Connection): Promise<void> {
    for (const [group, topics] of this.#bound) await this.#bindings.remove(way, group, topics)
    await this.restore(way)
  }

  /** Whether there was something to make. */
  async #ensure(way: Connection, group: string, topics: readonly string[]): Promise<boolean> {
    const known = await this.#bindings.of(way, group)
    const missing = topics.filter(topic => !known.has(topic))
    if (missing.length === 0) return false
    await this.#each(partition => {
      const names = missing.map(topic => this.#names.messages(topic, partition))
      return this.#visit(group, partition, session =>
        session.subscribe([...names, this.#names.marker(group, partition)]),
      )
    })
    await this.#bindings.add(way, group, missing)
    return true
  }

  async #unsubscribe(group: string, partition: number, topic: string): Promise<number> {
    const name = this.#names.messages(topic, partition)
    await this.#visit(group, partition, session => session.unsubscribe([name]))
    return 0
  }

  /** Reads what is left in a session, up to a mark that is put behind it, and ends it. */
  async #end(group: string, partition: number): Promise<number> {
    const marker = this.#names.marker(group, partition)
    const mark = this.#surroundings.ids.next()
    const reached = Promise.withResolvers<void>()
    let dropped = 0
    const take = ({ topic, payload, messageId }: IPublishPacket, session: Connection) => {
      if (topic !== marker) dropped++
      else if (payload.toString() === mark) reached.resolve()
      if (messageId !== undefined) session.acknowledge(messageId)
    }
    const work = async (session: Connection) => {
      const receipt = await session.publish(marker, mark)
      if (receipt === 'taken') await Promise.race([reached.promise, session.closed])
      if (session.lost) throw new Error(`Somebody consumes what group '${group}' is to have no more.`)
      await session.close(true)
    }
    await this.#visit(group, partition, work, take)
    return dropped
  }

  /** Takes a session for a moment. Whoever consumes it takes it back, which may be too soon: then we try again. */
  async #visit(
    group: string,
    partition: number,
    work: (session: Connection) => Promise<void>,
    take?: ConnectionOptions['take'],
  ): Promise<void> {
    const { clock, random } = this.#surroundings
    const giveUp = clock.monotonic() + limitMs
    for (;;) {
      const session = await this.#connect({
        session: this.#names.session(group, partition),
        // What is not read is left there.
        ...(take ? { take } : { take() {}, receiveMaximum: 1 }),
      })
      try {
        return await work(session)
      } catch (error) {
        if (!session.lost || clock.monotonic() > giveUp) throw error
      } finally {
        await session.close()
      }
      await clock.sleep(pauseMs * (0.5 + random.next()))
    }
  }

  #each<T>(work: (partition: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: this.#partitions }, (_, partition) => work(partition)))
  }
}
