import type { Database } from '../../persistence/database.ts'
import { InfrastructureError } from '../../ports/errors.ts'
import type { MessageHandler, MessageType, PublishOptions, SubscribeOptions } from '../../ports/messages.ts'
import type {
  SagaHandlers,
  SagaMessages,
  SagaPage,
  Sagas,
  SagaTimeoutHandler,
  SagaType,
  SagaView,
  UndoHandler,
} from '../../ports/sagas.ts'
import type { Surroundings } from '../../runtime/surroundings.ts'
import { Loop } from '../loop.ts'
import { type Reaction, requireKey, SagaProcess } from './process.ts'
import { groupOf, type Signal, signalType } from './signal.ts'
import { viewOf } from './state.ts'
import { SagaStore } from './store.ts'

const pruneEveryMs = 600_000
const chunk = 1_000

export interface SagaParts {
  readonly database: Database
  readonly surroundings: Surroundings
  readonly retentionMs: number
  /** Whether messaging was started. */
  readonly started: () => boolean
  /** As of messaging itself, for types that the application knows. */
  readonly subscribe: <Data>(
    type: MessageType<Data>,
    options: SubscribeOptions,
    handler: MessageHandler<Data>,
  ) => void
  /** For what sagas send to themselves. */
  readonly subscribeOwn: SagaParts['subscribe']
  readonly address: (
    group: string,
    type: MessageType<Signal>,
    signal: Signal,
    options: PublishOptions,
  ) => Promise<void>
}

/** Sagas are groups of subscriptions whose handlers find, change and save the state of a process. */
export class DatabaseSagas implements Sagas {
  readonly #parts: SagaParts
  readonly #store: SagaStore
  /** The kinds that are run here, and whether a message starts them. */
  readonly #started = new Map<string, boolean>()
  readonly #pruning: Loop

  constructor(parts: SagaParts) {
    const { database, surroundings, retentionMs } = parts
    this.#parts = parts
    this.#store = new SagaStore(database)
    const step = async () => {
      const pruned = await this.#store.prune(surroundings.clock.now() - retentionMs, chunk)
      return pruned === chunk ? 0 : Infinity
    }
    const pace = { least: pruneEveryMs, most: pruneEveryMs }
    this.#pruning = new Loop(surroundings, 'prune ended sagas', step, pace)
  }

  run<State, Step extends string, Timeout extends string>(
    type: SagaType<State, Step, Timeout>,
    handlers: SagaHandlers<State, Step, Timeout>,
  ): SagaMessages<State, Step, Timeout> {
    const { surroundings, address, subscribe, subscribeOwn } = this.#parts
    const { concurrency, retry } = handlers
    const group = groupOf(type.name)
    const options: SubscribeOptions = {
      group,
      ...(concurrency !== undefined && { concurrency }),
      ...(retry && { retry }),
    }
    const own = signalType(type.name)
    // Whether they are all there was decided by the compiler.
    const timeouts = (handlers.timeouts ?? {}) as Record<string, SagaTimeoutHandler<State, Step, Timeout>>
    const undo = (handlers.undo ?? {}) as Record<string, UndoHandler<State, Step>>
    const send = (signal: Signal, given: PublishOptions) => address(group, own, signal, given)
    const process = new SagaProcess(type, timeouts, undo, { store: this.#store, surroundings, send })
    subscribeOwn(own, options, (message, context) => process.signal(message, context))
    this.#started.set(type.name, false)

    const react = <Data>(about: MessageType<Data>, reaction: Reaction<State, Step, Timeout, Data>) => {
      subscribe(about, options, (message, context) => process.react(reaction, message, context))
      return messages
    }
    const messages: SagaMessages<State, Step, Timeout> = {
      startedBy: (about, { key, state, late = 'ignore' }, handler) => {
        react(about, { key, begin: state, handler, missing: 'ignore', late })
        this.#started.set(type.name, true)
        return messages
      },
      on: (about, { key, missing = 'wait', late = 'ignore' }, handler) =>
        react(about, { key, begin: undefined, handler, missing, late }),
    }
    return messages
  }

  async find<State, Step extends string>(
    type: SagaType<State, Step>,
    key: string,
  ): Promise<SagaView<State, Step> | undefined> {
    this.#requireStarted()
    requireKey(type.name, key)
    const stored = await this.#store.find(type.name, key, { lock: false })
    return stored && viewOf<State, Step>(type, stored)
  }

  async list<State, Step extends string>(
    type: SagaType<State, Step>,
    page: SagaPage = {},
  ): Promise<SagaView<State, Step>[]> {
    this.#requireStarted()
    const stored = await this.#store.list(type.name, page)
    return Promise.all(stored.map(saga => viewOf<State, Step>(type, saga)))
  }

  /** @throws InfrastructureError `precondition_failed` when nothing starts one of the sagas. */
  open(): void {
    for (const [name, started] of this.#started) {
      if (started) continue
      throw new InfrastructureError(
        'precondition_failed',
        `Nothing starts the saga '${name}'. Say by which message, with startedBy.`,
      )
    }
    if (this.#started.size > 0) this.#pruning.start()
  }

  close(): Promise<void> {
    return this.#pruning.stop()
  }

  #requireStarted(): void {
    if (this.#parts.started()) return
    throw new InfrastructureError('precondition_failed', 'Sagas can be read once messaging was started.')
  }
}
