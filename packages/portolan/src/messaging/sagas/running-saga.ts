import { InfrastructureError } from '../../ports/errors.ts'
import type { Saga, SagaStatus } from '../../ports/sagas.ts'
import type { Duration } from '../../ports/time.ts'
import { milliseconds } from '../../runtime/duration.ts'

/** What a saga was when its handler began. */
export interface Beginning<State, Step extends string> {
  readonly id: string
  readonly key: string
  readonly state: State
  readonly steps: readonly Step[]
  readonly timeouts: Readonly<Record<string, string>>
  readonly startedAt: Date
}

/** A running saga in the hands of a handler: gathers what is to become of it. */
export class RunningSaga<State, Step extends string, Timeout extends string>
  implements Saga<State, Step, Timeout>
{
  readonly id: string
  readonly key: string
  readonly startedAt: Date
  readonly endedAt = undefined
  state: State
  readonly #steps: Set<Step>
  readonly #timeouts: Map<string, string>
  readonly #begun = new Map<Timeout, number>()
  #status: SagaStatus = 'running'
  #reason: string | undefined
  #released = false

  constructor({ id, key, state, steps, timeouts, startedAt }: Beginning<State, Step>) {
    this.id = id
    this.key = key
    this.startedAt = startedAt
    this.state = state
    this.#steps = new Set(steps)
    this.#timeouts = new Map(Object.entries(timeouts))
  }

  get status(): SagaStatus {
    return this.#status
  }

  get reason(): string | undefined {
    return this.#reason
  }

  get steps(): readonly Step[] {
    return [...this.#steps]
  }

  /** Those that were set before and are still wanted, with their tokens. */
  get timeouts(): ReadonlyMap<string, string> {
    return this.#timeouts
  }

  /** Those that the handler has set, with their milliseconds. */
  get begun(): ReadonlyMap<Timeout, number> {
    return this.#begun
  }

  done(step: Step): void {
    this.#requireRunning('done')
    this.#steps.add(step)
  }

  timeout(name: Timeout, delay: Duration): void {
    this.#requireRunning('timeout')
    this.#timeouts.delete(name)
    this.#begun.set(name, milliseconds(delay, `timeout '${name}'`))
  }

  cancel(name: Timeout): void {
    this.#requireRunning('cancel')
    this.#timeouts.delete(name)
    this.#begun.delete(name)
  }

  complete(): void {
    this.#requireRunning('complete')
    this.#end('completed')
  }

  fail(reason: string): void {
    this.#requireRunning('fail')
    this.#end(this.#steps.size > 0 ? 'compensating' : 'failed')
    this.#reason = reason
  }

  /** The handler has ended: what it does from now on would be lost. */
  release(): void {
    this.#released = true
  }

  #end(status: SagaStatus): void {
    this.#status = status
    this.#timeouts.clear()
    this.#begun.clear()
  }

  #requireRunning(call: string): void {
    const why = this.#released
      ? 'Its handler has ended. Await everything that is started inside of it.'
      : this.#status === 'running'
        ? undefined
        : `It was ${this.#status === 'completed' ? 'completed' : 'failed'} before, in the same handler.`
    if (why !== undefined) {
      throw new InfrastructureError(
        'precondition_failed',
        `${call}() of the saga of ${JSON.stringify(this.key)}: ${why}`,
      )
    }
  }
}
