import { InfrastructureError } from '../../ports/errors.ts'
import type { Message, MessageContext, PublishOptions } from '../../ports/messages.ts'
import type {
  LateHandler,
  SagaHandler,
  SagaTimeoutHandler,
  SagaType,
  UndoHandler,
} from '../../ports/sagas.ts'
import { permanent } from '../../runtime/permanent.ts'
import { storable } from '../../runtime/storable.ts'
import type { Surroundings } from '../../runtime/surroundings.ts'
import { validate } from '../../runtime/validation.ts'
import { Postponed } from '../postponed.ts'
import { RunningSaga } from './running-saga.ts'
import type { Signal } from './signal.ts'
import { viewOf, writeState } from './state.ts'
import type { LoadedSaga, SagaStore, StoredSaga } from './store.ts'

/** How long a message waits for what it needs. */
const patienceMs = 5 * 60_000
const longestKey = 200

/** What becomes of a message of one type. */
export interface Reaction<State, Step extends string, Timeout extends string, Data> {
  readonly key: (data: Data) => string | undefined
  /** What a saga begins with; `undefined`: the message starts none. */
  readonly begin: ((data: Data) => State) | undefined
  readonly handler: SagaHandler<State, Step, Timeout, Data>
  readonly missing: 'wait' | 'ignore' | 'dead_letter'
  readonly late: 'ignore' | 'restart' | 'dead_letter' | LateHandler<State, Step, Data>
}

export interface ProcessParts {
  readonly store: SagaStore
  readonly surroundings: Surroundings
  /** Sends the saga's own group a signal, in the unit of work in progress. */
  readonly send: (signal: Signal, options: PublishOptions) => Promise<void>
}

/**
 * One kind of saga at work: takes what is addressed to it, finds the saga, and commits what its handler makes of it, in the unit of
 * work that also ends the message.
 */
export class SagaProcess<State, Step extends string, Timeout extends string> {
  readonly #type: SagaType<State, Step, Timeout>
  readonly #timeouts: Readonly<Record<string, SagaTimeoutHandler<State, Step, Timeout>>>
  readonly #undo: Readonly<Record<string, UndoHandler<State, Step>>>
  readonly #parts: ProcessParts
  /** Messages whose unit of work has lost a race: the next time they wait for their turn, so that nobody loses for ever. */
  readonly #outrun = new WeakSet<Message>()

  constructor(
    type: SagaType<State, Step, Timeout>,
    timeouts: Readonly<Record<string, SagaTimeoutHandler<State, Step, Timeout>>>,
    undo: Readonly<Record<string, UndoHandler<State, Step>>>,
    parts: ProcessParts,
  ) {
    this.#type = type
    this.#timeouts = timeouts
    this.#undo = undo
    this.#parts = parts
  }

  async react<Data>(
    reaction: Reaction<State, Step, Timeout, Data>,
    message: Message<Data>,
    context: MessageContext,
  ): Promise<void> {
    const key = reaction.key(message.data)
    if (key === undefined) return
    requireKey(this.#type.name, key)
    await this.#racing(
      message,
      async stored => {
        const { begin, handler } = reaction
        const restarts = stored?.status === 'completed' || stored?.status === 'failed'
        if (begin && (!stored || (restarts && reaction.late === 'restart'))) {
          const saga = await this.#begin(key, begin(message.data))
          await this.#run(saga, stored, () => handler(saga, message, context))
        } else if (!stored) this.#missing(reaction.missing, key)
        else if (stored.status === 'running') {
          const saga = await this.#running(stored)
          await this.#run(saga, stored, () => handler(saga, message, context))
        } else await this.#late(reaction, stored, message, context)
      },
      key,
    )
  }

  /** What the saga has sent to itself. What is not wanted any more, or comes twice, is over. */
  async signal(message: Message<Signal>, context: MessageContext): Promise<void> {
    const signal = message.data
    await this.#racing(
      message,
      async stored => {
        if (stored?.id !== signal.id) return
        if (signal.kind === 'undo') await this.#undoStep(stored, signal.step, context)
        else if (stored.status === 'running' && stored.timeouts[signal.name] === signal.token) {
          const handler = this.#handlerOf(this.#timeouts, 'timeout', signal.name)
          const { [signal.name]: _, ...timeouts } = stored.timeouts
          const saga = await this.#running({ ...stored, timeouts })
          await this.#run(saga, stored, () => handler(saga, context))
        }
      },
      signal.key,
    )
  }

  /** With the saga of `key` as it stands; a race that is lost is run again by the unit of work. */
  async #racing(
    message: Message,
    work: (stored: LoadedSaga | undefined) => Promise<void>,
    key: string,
  ): Promise<void> {
    try {
      await work(await this.#parts.store.find(this.#type.name, key, { lock: this.#outrun.has(message) }))
    } catch (error) {
      if (InfrastructureError.is(error) && error.retry === 'now') this.#outrun.add(message)
      throw error
    }
  }

  async #begin(key: string, state: State): Promise<RunningSaga<State, Step, Timeout>> {
    const { ids } = this.#parts.surroundings
    const checked = await validate(this.#type.state, state, `The first state of saga '${this.#type.name}'`)
    const beginning = { id: ids.next(), key, state: checked, steps: [], timeouts: {} }
    return new RunningSaga<State, Step, Timeout>({ ...beginning, startedAt: new Date(this.#now()) })
  }

  async #running(stored: LoadedSaga): Promise<RunningSaga<State, Step, Timeout>> {
    const { timeouts } = stored
    const { id, key, state, steps, startedAt } = await viewOf<State, Step>(this.#type, stored)
    return new RunningSaga<State, Step, Timeout>({
      id,
      key,
      state: state as State,
      steps,
      timeouts,
      startedAt,
    })
  }

  /** Calls a handler and saves what it made of the saga, in the place of `before`. */
  async #run(
    saga: RunningSaga<State, Step, Timeout>,
    before: LoadedSaga | undefined,
    handler: () => Promise<void> | void,
  ): Promise<void> {
    const { store, surroundings, send } = this.#parts
    await handler()
    saga.release()
    const { id, key, status, steps } = saga
    const begun = [...saga.begun].map(([name, delayMs]) => ({
      name,
      delayMs,
      token: surroundings.ids.next(),
    }))
    const after: StoredSaga = {
      saga: this.#type.name,
      key,
      id,
      status,
      stateVersion: this.#type.version,
      state: await writeState<State>(this.#type, saga.state),
      steps,
      timeouts: Object.fromEntries([
        ...saga.timeouts,
        ...begun.map(({ name, token }) => [name, token] as const),
      ]),
      reason: saga.reason === undefined ? null : storable(saga.reason),
      startedAt: saga.startedAt.getTime(),
      endedAt: status === 'completed' || status === 'failed' ? this.#now() : null,
    }
    await (before ? store.replace(before, after) : store.insert(after))
    for (const { name, token, delayMs } of begun)
      await send({ kind: 'timeout', key, id, name, token }, { key, delay: delayMs })
    if (status === 'compensating') await this.#sendUndo(after)
  }

  async #undoStep(stored: LoadedSaga, step: string, context: MessageContext): Promise<void> {
    if (stored.status !== 'compensating' || stored.steps.at(-1) !== step) return
    const handler = this.#handlerOf(this.#undo, 'undo', step)
    const view = await viewOf<State, Step>(this.#type, stored)
    await handler(view, { ...context, idempotencyKey: `${stored.id}:${step}` })
    const steps = stored.steps.slice(0, -1)
    const over = steps.length === 0
    const { version: _, ...saga } = stored
    const after: StoredSaga = {
      ...saga,
      steps,
      status: over ? 'failed' : 'compensating',
      endedAt: over ? this.#now() : null,
    }
    await this.#parts.store.replace(stored, after)
    if (!over) await this.#sendUndo(after)
  }

  #sendUndo({ key, id, steps }: StoredSaga): Promise<void> {
    return this.#parts.send({ kind: 'undo', key, id, step: steps.at(-1)! }, { key })
  }

  #missing(missing: Reaction<State, Step, Timeout, never>['missing'], key: string): void {
    if (missing === 'ignore') return
    const reason = `There is no saga '${this.#type.name}' of ${JSON.stringify(key)}.`
    if (missing === 'wait') throw new Postponed(patienceMs, reason)
    throw permanent(new InfrastructureError('not_found', reason))
  }

  async #late<Data>(
    { late }: Reaction<State, Step, Timeout, Data>,
    stored: LoadedSaga,
    message: Message<Data>,
    context: MessageContext,
  ): Promise<void> {
    if (late === 'ignore') return
    if (typeof late === 'function') {
      await late(await viewOf<State, Step>(this.#type, stored), message, context)
      return
    }
    const reason = `The saga '${this.#type.name}' of ${JSON.stringify(stored.key)} is ${stored.status}.`
    // Another one can begin once the steps of this one are undone.
    if (late === 'restart') throw new Postponed(patienceMs, reason)
    throw permanent(new InfrastructureError('precondition_failed', reason))
  }

  #handlerOf<Handler>(handlers: Readonly<Record<string, Handler>>, kind: string, name: string): Handler {
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
    if (handler) return handler
    throw permanent(
      new InfrastructureError(
        'precondition_failed',
        `Saga '${this.#type.name}' has no ${kind} '${name}' any more. Give it back its handler, then replay.`,
      ),
    )
  }

  #now(): number {
    return Math.floor(this.#parts.surroundings.clock.now())
  }
}

/** @throws a permanent InfrastructureError `invalid_argument` for a key that not every database tells from every other. */
export function requireKey(saga: string, key: string): void {
  const fits = key !== '' && key.length <= longestKey && !key.endsWith(' ')
  if (fits && key.isWellFormed() && !key.includes('\0')) return
  throw permanent(
    new InfrastructureError(
      'invalid_argument',
      `The key of saga '${saga}': give text of 1 to ${longestKey} characters, without a space at its end.`,
    ),
  )
}
