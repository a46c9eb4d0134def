import type { InfrastructureError } from '../../../ports/errors.ts'
import { cancelled } from '../../../runtime/clock.ts'
import type { Connection } from '../../driver.ts'
import type { SqlRow, SqlValue } from '../../sql-value.ts'
import type { SqliteConnection } from './connection.ts'
import { classifySqlite, notAwaited } from './errors.ts'

/** Statements that are remembered at most; a longer unit gets its own transaction at once. */
const journalSize = 256

/** A statement that a unit ran, and what it answered: enough to run it again and to notice a different answer. */
interface Performed {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
  /** Undefined for `execute`. */
  readonly rows: SqlRow[] | undefined
  readonly changed: number
}

/** What a unit needs of the writer. */
export interface UnitHost {
  readonly connection: SqliteConnection
  /** Lets the unit run when its turn comes. */
  enqueue(unit: SqliteUnit): void
  /** Takes a unit that still waits out of the queue. */
  withdraw(unit: SqliteUnit, error: InfrastructureError): void
  /** To be told of every error of a statement: SQLite gives up the whole transaction for some. */
  failed(unit: SqliteUnit, error: unknown): void
  /** Commits what has ended, and lets the active unit go on in a transaction of its own. */
  detach(unit: SqliteUnit): void
}

/**
 * One unit of work on the writer. It asks for the connection with its first statement, so that what it awaits before does not
 * hold up anybody.
 */
export class SqliteUnit implements Connection {
  /** It has a physical transaction of its own. */
  readonly alone: boolean
  /** It has no transaction here, and keeps others from having one. */
  readonly aside: boolean
  /** When it asked for the connection and when it got it, on the monotonic clock. */
  waitingSince = 0
  activeSince = 0
  state: 'new' | 'waiting' | 'active' | 'ended' = 'new'
  /** What it wrote, as long as it shares a transaction with units that ended. */
  journal: Performed[] | undefined
  /** To be called after the physical commit, once its work has ended. */
  onCommitted: () => void = ignore
  /** Ends the transaction for its caller. */
  readonly reject: (error: unknown) => void
  /** Why it cannot commit. */
  loss: InfrastructureError | undefined
  readonly #host: UnitHost
  readonly #signal: AbortSignal | undefined
  #turn: PromiseWithResolvers<void> | undefined

  constructor(
    host: UnitHost,
    alone: boolean,
    signal: AbortSignal | undefined,
    reject: (error: unknown) => void,
    aside = false,
  ) {
    this.#host = host
    this.alone = alone
    this.aside = aside
    this.#signal = signal
    this.reject = reject
  }

  query(sql: string, parameters: readonly SqlValue[]): SqlRow[] | Promise<SqlRow[]> {
    if (this.state !== 'active') return this.itsTurn().then(() => this.query(sql, parameters))
    try {
      const { connection } = this.#host
      const rows = connection.query(sql, parameters)
      if (this.journal && !connection.facts(sql).onlyReads) {
        this.#remember(this.journal, { sql, parameters: kept(parameters), rows, changed: 0 })
      }
      return rows
    } catch (error) {
      this.#host.failed(this, error)
      throw error
    }
  }

  execute(sql: string, parameters: readonly SqlValue[]): number | Promise<number> {
    if (this.state !== 'active') return this.itsTurn().then(() => this.execute(sql, parameters))
    try {
      const changed = this.#host.connection.execute(sql, parameters)
      if (this.journal)
        this.#remember(this.journal, { sql, parameters: kept(parameters), rows: undefined, changed })
      return changed
    } catch (error) {
      this.#host.failed(this, error)
      throw error
    }
  }

  grant(): void {
    this.state = 'active'
    this.#turn?.resolve()
  }

  /** It will not run, or its transaction is gone: what it does from now on rejects. */
  lose(error: unknown): void {
    this.state = 'ended'
    this.journal = undefined
    this.loss = classifySqlite(error)
    this.#turn?.promise.catch(ignore)
    this.#turn?.reject(this.loss)
  }

  /** Does again what it had written; false when an answer differs from the one it was given. */
  replay(): boolean {
    const { connection } = this.#host
    for (const { sql, parameters, rows, changed } of this.journal ?? []) {
      const same = rows
        ? fingerprint(connection.query(sql, parameters)) === fingerprint(rows)
        : connection.execute(sql, parameters) === changed
      if (!same) return false
    }
    return true
  }

  /** Resolves when it may run. */
  itsTurn(): Promise<void> {
    if (this.state === 'ended') return Promise.reject(this.loss ?? notAwaited())
    if (!this.#turn) {
      this.#turn = Promise.withResolvers()
      if (this.#signal) this.#withdrawOn(this.#signal, this.#turn.promise)
      this.#host.enqueue(this)
    }
    return this.#turn.promise
  }

  #withdrawOn(signal: AbortSignal, turn: Promise<void>): void {
    const onAbort = () => this.#host.withdraw(this, cancelled(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    const forget = () => signal.removeEventListener('abort', onAbort)
    turn.then(forget, forget)
  }

  #remember(journal: Performed[], performed: Performed): void {
    journal.push(performed)
    // A long unit would otherwise keep all that it ever bound in memory.
    if (journal.length >= journalSize) this.#host.detach(this)
  }
}

function ignore(): void {}

/** A copy: the caller may use its array and its bytes again. */
function kept(parameters: readonly SqlValue[]): readonly SqlValue[] {
  return parameters.map(value => (value instanceof Uint8Array ? Uint8Array.from(value) : value))
}

function fingerprint(rows: readonly SqlRow[]): string {
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}
