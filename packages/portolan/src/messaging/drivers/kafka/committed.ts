import { plainName } from '../plain-name.ts'
import type { Clients } from './clients.ts'
import { answersOf, plainly } from './failures.ts'
import { byTopic, Offsets, type TopicPartition } from './topics.ts'

/** How far groups have come, in Kafka's own store of offsets, where its tools see it. Nobody joins these groups. */
export class Committed {
  readonly #prefix: string
  readonly #clients: Clients

  constructor(prefix: string, clients: Clients) {
    this.#prefix = prefix
    this.#clients = clients
  }

  name(group: string): string {
    return `${this.#prefix}.${plainName(group)}`
  }

  /** Those of each of `groups`, which are not empty. */
  async of(groups: readonly string[]): Promise<Offsets[]> {
    const names = groups.map(group => this.name(group))
    const found = await plainly(this.#clients.admin.listConsumerGroupOffsets({ groups: names }))
    return names.map(name => {
      const offsets = new Offsets()
      for (const { name: topic, partitions } of found.find(each => each.groupId === name)?.topics ?? [])
        for (const { partitionIndex: partition, committedOffset } of partitions)
          if (committedOffset >= 0n) offsets.set({ topic, partition }, committedOffset)
      return offsets
    })
  }

  async commit(
    group: string,
    places: readonly (TopicPartition & { readonly offset: bigint })[],
  ): Promise<void> {
    const topics = byTopic(places).map(([name]) => ({
      name,
      partitionOffsets: places.filter(({ topic }) => topic === name),
    }))
    await plainly(this.#clients.admin.alterConsumerGroupOffsets({ groupId: this.name(group), topics }))
  }

  /** Forgets those of some places. */
  async remove(group: string, places: readonly TopicPartition[]): Promise<void> {
    const topics = byTopic(places).map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
    await this.#ignoreMissing(
      this.#clients.admin.deleteConsumerGroupOffsets({ groupId: this.name(group), topics }),
    )
  }

  async removeAll(group: string): Promise<void> {
    await this.#ignoreMissing(this.#clients.admin.deleteGroups({ groups: [this.name(group)] }))
  }

  async #ignoreMissing(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (!answersOf(error).includes('GROUP_ID_NOT_FOUND')) throw error
    }
  }
}
