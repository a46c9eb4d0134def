import { AsyncLocalStorage } from 'node:async_hooks'
import { InfrastructureError } from '../ports/errors.ts'
import type { UnitOfWorkOptions } from '../ports/unit-of-work.ts'
import { abortable } from '../runtime/abortable.ts'
import { cancelled } from '../runtime/clock.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Connection, DatabaseDriver } from './driver.ts'
import { Effects, Scope } from './scope.ts'

const defaultAttempts = 5
const autocommitAttempts = 5
/** The pause before the second attempt; doubled for each further one, with full jitter. */
const firstBackoffMs = 5

/** Propagation, savepoints, retries and hooks: the unit of work above any driver. */
export class Transactions {
  readonly #driver: DatabaseDriver
  readonly #surroundings: Surroundings
  // One for each database, so that two of them never mix.
  readonly #scopes = new AsyncLocalStorage<Scope | undefined>()

  constructor(driver: DatabaseDriver, surroundings: Surroundings) {
    this.#driver = driver
    this.#surroundings = surroundings
  }

  /** The scope that the asynchronous context carries, also when it has ended. */
  current(): Scope | undefined {
    return this.#scopes.getStore()
  }

  /**
   * The scope in progress. What was only started inside of one (a timer, a background task) carries it beyond its end, and may then
   * begin anew.
   */
  open(): Scope | undefined {
    const scope = this.#scopes.getStore()
    return scope?.ended ? undefined : scope
  }

  run<T>(work: () => Promise<T>, options: UnitOfWorkOptions = {}): Promise<T> {
    const scope = this.open()
    if (!scope) return this.#outermost(work, options)
    switch (options.propagation ?? 'required') {
      case 'required':
        return this.#joined(scope, work, options)
      case 'nested':
        return this.#nested(scope, work, options)
      case 'requires_new':
        if (this.#driver.capabilities.concurrentTransactions) return this.#outermost(work, options)
        return Promise.reject(
          new InfrastructureError(
            'unsupported',
            `${this.#driver.dialect} has a single writer, so 'requires_new' cannot begin while a unit of work is open. ` +
              `Use 'nested', or do this work before or after.`,
          ),
        )
    }
  }

  /** Calls `operation` again while its error says that this is safe. */
  async retrying<T>(
    operation: (attempt: number) => Promise<T>,
    attempts: number,
    signal?: AbortSignal,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await operation(attempt)
      } catch (error) {
        if (attempt >= attempts || !InfrastructureError.is(error) || error.retry !== 'now') throw error
        const { clock, random, logger } = this.#surroundings
        logger.debug('The database asked to try again.', { attempt, error })
        await clock.sleep(random.next() * firstBackoffMs * 2 ** (attempt - 1), signal)
      }
    }
  }

  /** A statement on its own, apart from the first attempt, which nearly always is the only one. */
  again<T>(operation: (connection: Connection) => T | Promise<T>): Promise<T> {
    return this.retrying(async () => {
      try {
        return await operation(this.#driver.autocommit)
      } catch (error) {
        throw this.convert(error)
      }
    }, autocommitAttempts - 1)
  }

  #outermost<T>(work: () => Promise<T>, options: UnitOfWorkOptions): Promise<T> {
    const { signal } = options
    const attempts = options.attempts ?? defaultAttempts
    if (!(Number.isInteger(attempts) && attempts >= 1)) {
      return Promise.reject(
        new InfrastructureError('invalid_argument', `attempts: ${attempts} is no whole number of 1 or more.`),
      )
    }
    if (signal?.aborted) return Promise.reject(cancelled(signal))
    return this.retrying(attempt => this.#attempt(work, options, attempt), attempts, signal)
  }

  async #attempt<T>(work: () => Promise<T>, options: UnitOfWorkOptions, attempt: number): Promise<T> {
    const { isolation, signal } = options
    const readOnly = options.readOnly ?? false
    const effects = new Effects()
    let scope: Scope | undefined
    let result: T
    try {
      result = await this.#driver.transaction({ isolation, readOnly, attempt, signal }, connection => {
        scope = new Scope(connection, effects, readOnly, signal)
        return this.inside(scope, work)
      })
    } catch (error) {
      // A driver may give up although the work goes on.
      if (scope) scope.ended = true
      if (!signal?.aborted) await scope?.sent
      effects.undo()
      // Work that wraps what the engine said must not hide that trying again is safe.
      const cause = scope?.failure?.cause
      if (InfrastructureError.is(cause) && cause.retry === 'now') throw cause
      throw scope?.sentFailure ? scope.sentFailure.cause : error
    }
    for (const hook of effects.afterCommit) this.call(hook)
    return result
  }

  /** Runs `work` in `scope`, which has ended when this settles. */
  async inside<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    try {
      const result = await abortable(this.#scopes.run(scope, work), scope.signal)
      // A savepoint that nobody awaited would otherwise be committed half done.
      while (scope.nested) await scope.nested.done
      await scope.sent
      if (scope.depth === 0 && !scope.failure) await this.#scopes.run(scope, () => scope.effects.handOver())
      if (scope.failure) throw failedInside(scope.failure.cause)
      return result
    } finally {
      scope.ended = true
    }
  }

  async #joined<T>(outer: Scope, work: () => Promise<T>, options: UnitOfWorkOptions): Promise<T> {
    if (options.signal?.aborted) throw cancelled(options.signal)
    // What only reads leaves nothing half done, so its failure concerns the caller alone.
    if (options.readOnly && !outer.readOnly) {
      const view = new Scope(outer.connection, outer.effects, true, outer.signal, outer.depth)
      try {
        return await abortable(this.#scopes.run(view, work), options.signal)
      } finally {
        view.ended = true
      }
    }
    try {
      return await abortable(work(), options.signal)
    } catch (error) {
      outer.failure ??= { cause: error }
      throw error
    }
  }

  async #nested<T>(outer: Scope, work: () => Promise<T>, options: UnitOfWorkOptions): Promise<T> {
    if (options.signal?.aborted) throw cancelled(options.signal)
    // Savepoints form a stack, so siblings take turns.
    while (outer.nested) await outer.nested.done
    if (outer.ended) throw endedScope()
    const { promise: done, resolve } = Promise.withResolvers<void>()
    outer.nested = { done }
    const { connection, effects } = outer
    const name = `nested_${outer.depth + 1}`
    const scope = new Scope(
      connection,
      new Effects(),
      outer.readOnly || options.readOnly === true,
      options.signal ?? outer.signal,
      outer.depth + 1,
    )
    const command = async (sql: string) => {
      try {
        await connection.execute(sql, [])
      } catch (error) {
        const converted = this.convert(error)
        outer.failure ??= { cause: converted }
        throw converted
      }
    }
    const opened = command(`SAVEPOINT ${name}`)
    // Told below; what is sent behind it fails as well.
    opened.catch(() => {})
    try {
      // A driver may send the first statements of a transaction as it gets to them; and where one had failed, an engine may refuse this.
      if (!outer.underway || outer.failure) await opened
      outer.underway = true
      scope.underway = true
      let result: T
      try {
        result = await this.inside(scope, work)
        await opened
      } catch (error) {
        scope.effects.undo()
        await command(`ROLLBACK TO SAVEPOINT ${name}`)
        await command(`RELEASE SAVEPOINT ${name}`)
        throw error
      }
      // Whatever comes next is sent right behind it, and the unit around it ends after its answer.
      outer.sent = command(`RELEASE SAVEPOINT ${name}`).catch(() => {})
      scope.effects.mergeInto(effects)
      return result
    } finally {
      outer.nested = undefined
      resolve()
    }
  }

  convert(error: unknown): InfrastructureError {
    return InfrastructureError.is(error) ? error : this.#driver.classify(error)
  }

  /** Calls a hook outside of any transaction; what it throws is logged. */
  call(hook: () => void | Promise<void>): void {
    const { logger } = this.#surroundings
    const failed = (error: unknown) => logger.error('A hook after a commit failed.', { error })
    try {
      const result = this.#scopes.run(undefined, hook)
      if (result instanceof Promise) result.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}

export function endedScope(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'The unit of work has ended. Await everything that is started inside of it.',
  )
}

function failedInside(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    "A statement of this unit of work, or a unit that had joined it, failed, so nothing is committed. Let the error through, or put what may fail into a unit with propagation 'nested'.",
    { cause },
  )
}
