import type { Database } from '../persistence/database.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { MessageHandler, MessageType, PublishOptions, SubscribeOptions } from '../ports/messages.ts'
import type { Health } from '../ports/service.ts'
import { milliseconds } from '../runtime/duration.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { openWhenUp } from './broker-start.ts'
import { Complaints } from './complaints.ts'
import { Condition } from './condition.ts'
import { Crossing } from './crossing.ts'
import { CurrentMessage } from './current-message.ts'
import { DeadMessages } from './dead-messages.ts'
import { Delayed } from './delayed.ts'
import type { BrokerDriver, WireMessage } from './driver.ts'
import { databaseBroker } from './drivers/database/index.ts'
import { Groups } from './groups.ts'
import { MessageTypes } from './message-types.ts'
import type { Messaging, MessagingOptions, MessagingStatus } from './messaging.ts'
import { MessagingMetrics } from './metrics.ts'
import { Outbox } from './outbox.ts'
import { Ownership } from './ownership.ts'
import { Publisher } from './publisher.ts'
import { emptyOutbox, type RelayParts } from './relay.ts'
import { DatabaseSagas } from './sagas/sagas.ts'
import { Subscriptions } from './subscriptions.ts'
import { Suspects } from './suspects.ts'
import { migrations, namespace } from './tables.ts'
import { Tracing } from './tracing.ts'

/** How long disposal waits for handlers. */
const disposalMs = 10_000

/**
 * Messages over a database and a broker.
 *
 * @example
 * const messaging = createMessaging({ database, source: 'shop', messages: [OrderPlaced] })
 * messaging.subscribe(OrderPlaced, { group: 'billing' }, async ({ data }) => invoices.open(data.orderId))
 * await messaging.start()
 * await database.run(async () => {
 *   await orders.save(order)
 *   await messaging.publish(OrderPlaced, { orderId: order.id }, { key: order.id })
 * })
 */
export function createMessaging(options: MessagingOptions): Messaging {
  return new DatabaseMessaging(options)
}

class DatabaseMessaging implements Messaging {
  readonly deadLetters: DeadMessages
  readonly sagas: DatabaseSagas
  readonly #database: Database
  readonly #driver: BrokerDriver
  readonly #surroundings: Surroundings
  readonly #types: MessageTypes
  readonly #subscriptions = new Subscriptions()
  readonly #current = new CurrentMessage()
  readonly #tracing: Tracing
  readonly #metrics: MessagingMetrics
  readonly #outbox: Outbox
  /** Nothing of it when the broker joins the database: the commit itself publishes, and handles once. */
  readonly #crossing: Crossing | undefined
  readonly #relayParts: RelayParts
  readonly #delayed: Delayed
  readonly #groups: Groups
  readonly #publisher: Publisher
  readonly #condition: Condition
  readonly #brokerTimeoutMs: number
  #state: 'new' | 'started' | 'stopped' = 'new'
  #ended: Promise<void> | undefined

  constructor({
    database,
    source,
    messages,
    broker,
    lease = '3s',
    brokerTimeout = '15s',
    lagLimit = '5m',
    inboxRetention = '7d',
    sagaRetention = '7d',
    ...given
  }: MessagingOptions) {
    const around = surroundings(given)
    const store = (sent: readonly WireMessage[]) => this.#store(sent)
    const send = (sent: readonly WireMessage[]) => database.beforeCommit(store, sent)
    this.#database = database
    this.#surroundings = around
    this.#types = new MessageTypes(messages)
    this.#driver = broker ?? databaseBroker({ database, lease, ...around })
    this.#brokerTimeoutMs = milliseconds(brokerTimeout, 'brokerTimeout')
    this.#tracing = new Tracing(this.#driver.name)
    this.#metrics = new MessagingMetrics(this.#driver.name, around.clock)
    this.#outbox = new Outbox(database, around.clock)
    this.deadLetters = new DeadMessages(database, send, around)
    this.#delayed = new Delayed(database, send, around)
    this.#groups = new Groups(database, around)
    this.#publisher = new Publisher({
      source,
      types: this.#types,
      current: this.#current,
      delayed: this.#delayed,
      tracing: this.#tracing,
      surroundings: around,
      send,
    })
    this.sagas = new DatabaseSagas({
      database,
      surroundings: around,
      retentionMs: milliseconds(sagaRetention, 'sagaRetention'),
      started: () => this.#state === 'started',
      subscribe: (...subscription) => this.subscribe(...subscription),
      subscribeOwn: (...subscription) => this.#subscribe(...subscription),
      address: (...signal) => this.#publisher.address(...signal),
    })
    const ownership = new Ownership(database, milliseconds(lease, 'lease'), around)
    this.#relayParts = {
      database,
      driver: this.#driver,
      outbox: this.#outbox,
      dead: this.deadLetters,
      ownership,
      tracing: this.#tracing,
      metrics: this.#metrics,
      surroundings: around,
    }
    if (this.#driver.joins !== database) {
      const retentionMs = milliseconds(inboxRetention, 'inboxRetention')
      this.#crossing = new Crossing(this.#relayParts, retentionMs, around)
    }
    this.#condition = new Condition({
      driver: this.#driver,
      crossing: this.#crossing,
      outbox: this.#outbox,
      delayed: this.#delayed,
      groups: this.#groups,
      dead: this.deadLetters,
      clock: around.clock,
      lagLimitMs: milliseconds(lagLimit, 'lagLimit'),
    })
    database.onEvents(events => {
      this.#requireStarted()
      return this.#publisher.publishEvents(events)
    })
  }

  async publish<Data>(type: MessageType<Data>, data: NoInfer<Data>, options?: PublishOptions): Promise<void> {
    this.#requireStarted()
    await this.#publisher.publish(type, data, options)
  }

  subscribe<Data>(type: MessageType<Data>, options: SubscribeOptions, handler: MessageHandler<Data>): void {
    this.#types.require(type)
    this.#subscribe(type, options, handler)
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new InfrastructureError(
        'precondition_failed',
        'Messaging can be started once. Create another one.',
      )
    }
    // What runs from now on would otherwise take the caller's transaction for its own, for ever.
    if (this.#database.inTransaction())
      throw new InfrastructureError('precondition_failed', 'Start messaging outside of a unit of work.')
    try {
      await this.#tracing.apart(() => this.#open())
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  drain(signal: AbortSignal): Promise<void> {
    return this.#groups.drain(signal)
  }

  stop(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const late = new AbortController()
    const timer = this.#surroundings.clock.timer(disposalMs, () => late.abort())
    await this.drain(late.signal)
    timer.cancel()
    await this.stop()
  }

  async health(): Promise<Health> {
    if (this.#state !== 'started') return { status: 'down', detail: 'Not started.' }
    return this.#condition.health()
  }

  async status(): Promise<MessagingStatus> {
    this.#requireStarted()
    return this.#condition.status()
  }

  async pause(group: string): Promise<void> {
    this.#requireStarted()
    await this.#groups.pause(group)
  }

  async resume(group: string): Promise<void> {
    this.#requireStarted()
    await this.#groups.resume(group)
  }

  async unsubscribe({ name }: { readonly name: string }, group: string): Promise<number> {
    this.#requireStarted()
    if (this.#subscriptions.groups().some(known => known.name === group && known.subscriptions.has(name))) {
      throw new InfrastructureError(
        'precondition_failed',
        `Group '${group}' has a handler for '${name}' in this process. Remove it first.`,
      )
    }
    return this.#crossing ? this.#crossing.unbind(group, name) : this.#driver.unbind(group, name, [])
  }

  #subscribe<Data>(type: MessageType<Data>, options: SubscribeOptions, handler: MessageHandler<Data>): void {
    if (this.#state !== 'new') {
      throw new InfrastructureError('precondition_failed', 'Subscribe before messaging is started.')
    }
    this.#subscriptions.add(type, options, handler)
  }

  async #open(): Promise<void> {
    await this.#database.migrate(namespace, migrations)
    await openWhenUp(this.#driver, this.#brokerTimeoutMs, this.#surroundings)
    const groups = this.#subscriptions.groups()
    await Promise.all(
      groups.map(({ name, subscriptions }) =>
        (this.#crossing ?? this.#driver).bind(name, [...subscriptions.keys()]),
      ),
    )
    this.#state = 'started'
    if (this.#crossing) await this.#crossing.start()
    else await emptyOutbox(this.#relayParts)
    this.#delayed.start()
    this.sagas.open()
    this.#metrics.observe(async () => {
      const { waiting, oldest } = await this.#outbox.status()
      const dead = await this.deadLetters.count()
      // The outbox is what matters while the broker is away.
      const groups = await this.#condition.backlog().catch(() => undefined)
      return { outbox: waiting, outboxOldest: oldest, dead, groups, standing: this.#groups.standing }
    })
    const suspects = new Suspects(this.#database, this.#surroundings.clock)
    await suspects.prune()
    await this.#groups.start(groups, this.#driver, this.#crossing, {
      database: this.#database,
      dead: this.deadLetters,
      delayed: this.#delayed,
      current: this.#current,
      tracing: this.#tracing,
      metrics: this.#metrics,
      suspects,
      complaints: new Complaints(this.#surroundings),
      surroundings: this.#surroundings,
    })
  }

  async #end(): Promise<void> {
    this.#state = 'stopped'
    this.#metrics.close()
    await this.#groups.stop()
    await this.drain(AbortSignal.abort())
    await this.sagas.close()
    await this.#delayed.stop()
    await this.#crossing?.stop()
    await this.#driver.close()
  }

  /**
   * At the end of the unit of work in progress. A broker that joins the database is handed the messages then: committed with the unit,
   * they are where the relay would only have moved them.
   */
  async #store(messages: readonly WireMessage[]): Promise<void> {
    if (messages.length === 0) return
    if (this.#crossing) return this.#crossing.send(messages)
    const [failure] = await this.#driver.publish(messages)
    if (failure) throw failure.error
    this.#database.afterCommit(() => this.#metrics.sent(messages.length))
  }

  #requireStarted(): void {
    if (this.#state === 'started') return
    throw new InfrastructureError(
      'precondition_failed',
      this.#state === 'new'
        ? 'Messaging was not started yet. Call start() first; a composer does so in the order of declaration.'
        : 'Messaging was stopped.',
    )
  }
}
