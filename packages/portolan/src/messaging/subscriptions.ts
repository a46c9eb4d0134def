import { InfrastructureError } from '../ports/errors.ts'
import type { MessageHandler, MessageType, SubscribeOptions } from '../ports/messages.ts'
import { type Retries, retries } from './retry-delay.ts'

const defaultConcurrency = 16
/** PostgreSQL keeps this many savepoints of a transaction at hand; with more, everybody's reads get slower. */
const largestBatch = 64
const longestGroup = 200

export interface Subscription {
  readonly type: MessageType
  readonly retries: Retries
  readonly handler: MessageHandler<unknown>
}

export interface Group {
  readonly name: string
  /** By the name of the message type. */
  readonly subscriptions: ReadonlyMap<string, Subscription>
  readonly concurrency: number
  /** Messages that may share a unit of work. */
  readonly batchSize: number
}

interface Growing {
  readonly subscriptions: Map<string, Subscription>
  concurrency: number | undefined
  batchSize: number | undefined
}

/** Who handles what. */
export class Subscriptions {
  readonly #groups = new Map<string, Growing>()

  /** @throws InfrastructureError `invalid_argument` for options that make no sense or contradict earlier ones. */
  add<Data>(
    type: MessageType<Data>,
    { group: name, concurrency, batchSize, retry }: SubscribeOptions,
    handler: MessageHandler<Data>,
  ): void {
    // Some engines take names for the same that differ in spaces at the end.
    const fits = name !== '' && name.length <= longestGroup && !name.endsWith(' ')
    if (!fits || !name.isWellFormed() || name.includes('\0')) {
      throw new InfrastructureError(
        'invalid_argument',
        `group: give a name of 1 to ${longestGroup} characters, without a space at its end.`,
      )
    }
    if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
      throw new InfrastructureError(
        'invalid_argument',
        `concurrency: ${concurrency} is no whole number of 1 or more.`,
      )
    }
    if (
      batchSize !== undefined &&
      !(Number.isSafeInteger(batchSize) && batchSize >= 1 && batchSize <= largestBatch)
    ) {
      throw new InfrastructureError(
        'invalid_argument',
        `batchSize: ${batchSize} is no whole number from 1 to ${largestBatch}.`,
      )
    }
    const group: Growing = this.#groups.get(name) ?? {
      ...{ subscriptions: new Map(), concurrency: undefined, batchSize: undefined },
    }
    if (group.subscriptions.has(type.name)) {
      throw new InfrastructureError(
        'invalid_argument',
        `Group '${name}' already has a handler for '${type.name}'. Give the second one a group of its own.`,
      )
    }
    for (const [option, value] of Object.entries({ concurrency, batchSize }) as [
      'concurrency' | 'batchSize',
      number?,
    ][]) {
      const known = group[option]
      if (value !== undefined && known !== undefined && value !== known) {
        throw new InfrastructureError(
          'invalid_argument',
          `Group '${name}' already has a ${option} of ${known}, and it is the group's. Give it once.`,
        )
      }
      group[option] ??= value
    }
    group.subscriptions.set(type.name, {
      type,
      retries: retries(retry),
      handler: handler as MessageHandler<unknown>,
    })
    this.#groups.set(name, group)
  }

  groups(): Group[] {
    return [...this.#groups].map(([name, { subscriptions, concurrency, batchSize }]) => ({
      name,
      subscriptions,
      concurrency: concurrency ?? defaultConcurrency,
      batchSize: batchSize ?? 1,
    }))
  }
}
