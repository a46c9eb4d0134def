import type * as library from '@platformatic/kafka'
import type { Admin, BaseOptions, Consumer, Producer } from '@platformatic/kafka'
import type { BrokerAddress } from '../../broker-url.ts'

export type Library = typeof library
export type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

/** Makes the clients of one driver. Each has connections of its own. */
export class Clients {
  readonly #library: Library
  readonly #options: BaseOptions
  #admin: Admin | undefined
  #producer: Producer | undefined

  constructor(
    library: Library,
    { hosts, user, password, encrypted, prefix }: BrokerAddress,
    mechanism: Mechanism,
  ) {
    this.#library = library
    this.#options = {
      ...{ clientId: prefix, bootstrapBrokers: [...hosts], autocreateTopics: false },
      ...{ connectTimeout: 5_000, requestTimeout: 15_000, timeout: 10_000, metadataMaxAge: 60_000 },
      // Enough to see a topic that was just made, and to sit out the election of a leader.
      ...{ retries: 10, retryDelay: 100 },
      ...(encrypted && { tls: {} }),
      ...(user !== undefined && { sasl: { mechanism, username: user, password: password ?? '' } }),
    }
  }

  get admin(): Admin {
    this.#admin ??= new this.#library.Admin({ ...this.#options, retries: 5 })
    return this.#admin
  }

  /** Idempotent: what it sends again by itself is written once, and in order. */
  get producer(): Producer {
    this.#producer ??= new this.#library.Producer({ ...this.#options, idempotent: true })
    return this.#producer
  }

  /** It joins no group: it fetches what it is told to. */
  consumer(groupId: string): Consumer {
    return new this.#library.Consumer({ ...this.#options, groupId, retries: 1 })
  }

  /** After a failure: the next one is asked over a new connection, so that no late answer is taken for that of another question. */
  renew(): void {
    for (const client of [this.#admin, this.#producer]) if (client) leave(client)
    this.#admin = undefined
    this.#producer = undefined
  }
}

/** Closes a client without waiting for it: a broker that hangs would never let it go. */
export function leave(client: Admin | Consumer | Producer): void {
  client.close().catch(() => {})
}
