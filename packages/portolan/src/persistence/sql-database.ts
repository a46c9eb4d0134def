import { AsyncLocalStorage } from 'node:async_hooks'
import type { Kysely } from 'kysely'
import { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'
import type { Duration } from '../ports/time.ts'
import type { UnitOfWorkOptions } from '../ports/unit-of-work.ts'
import { milliseconds } from '../runtime/duration.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import type { Database, DatabaseAddress, DomainEvent, EventSink } from './database.ts'
import type { Connection, DatabaseCapabilities, DatabaseDriver, Dialect, SqlGrammar } from './driver.ts'
import type { ForeignTransactions } from './foreign.ts'
import { type ImportedRow, type ImportedRows, type ImportOptions, importRows } from './import-rows.ts'
import { InUse } from './in-use.ts'
import { Joining } from './joining.ts'
import { kyselyOver } from './kysely.ts'
import type { Migration } from './migrations.ts'
import { migratorContext } from './migrator/context.ts'
import { SqlMigrator } from './migrator/sql-migrator.ts'
import type { MigrationReport, Migrator, MigratorOptions } from './migrator.ts'
import { Recent } from './recent.ts'
import { miscounted, nobodyTakesEvents, transactionControl } from './refused-statements.ts'
import type { CommitSink, Scope } from './scope.ts'
import { checkValues, type SqlRow, type SqlValue } from './sql-value.ts'
import { factsOf, type StatementFacts } from './statement-text.ts'
import { Transactions } from './transactions.ts'
import { requireUsable } from './usable.ts'

const none: readonly SqlValue[] = []
/** Items that wait for the commit in memory. */
const mostKept = 500

export interface SqlDatabaseOptions extends Partial<Surroundings> {
  /**
   * What `migrate` does, for the application's tables and the library's: `apply` (default) what is pending, or `refuse` to start
   * without it, where migrations are a step of the deployment (`portolan migrate up`).
   */
  readonly migrate?: 'apply' | 'refuse'
  /** How long closing waits for units of work and statements that still run, before it gives them up. Default: `'30s'`. */
  readonly closeTimeout?: Duration
}

/** A database over any driver. */
export class SqlDatabase<Native> implements Database<Native> {
  readonly grammar: SqlGrammar
  readonly #driver: DatabaseDriver<Native>
  readonly #surroundings: Surroundings
  readonly #transactions: Transactions
  readonly #atStart: 'apply' | 'refuse'
  readonly #closeTimeoutMs: number
  readonly #facts = new Recent<StatementFacts>(256)
  #sink: EventSink | undefined
  #kysely: Kysely<never> | undefined
  readonly #address: DatabaseAddress | undefined
  readonly #inUse: InUse
  readonly #joining: Joining
  #closed: Promise<void> | undefined

  constructor(
    driver: DatabaseDriver<Native>,
    { migrate = 'apply', closeTimeout = '30s', ...given }: SqlDatabaseOptions = {},
    address?: DatabaseAddress,
  ) {
    this.#address = address
    this.grammar = driver.grammar(this)
    this.#driver = driver
    this.#surroundings = surroundings(given)
    this.#atStart = migrate
    this.#closeTimeoutMs = milliseconds(closeTimeout, 'closeTimeout')
    this.#transactions = new Transactions(driver, this.#surroundings)
    this.#inUse = new InUse(this.#surroundings)
    this.#joining = new Joining(driver, this.#transactions)
  }

  get dialect(): Dialect {
    return this.#driver.dialect
  }

  get capabilities(): DatabaseCapabilities {
    return this.#driver.capabilities
  }

  get native(): Native {
    return this.#driver.native
  }

  query<Row = SqlRow>(sql: string, parameters: readonly SqlValue[] = none): Promise<Row[]> {
    const scope = this.#transactions.current()
    const rows = scope
      ? this.#inside(scope, sql, parameters, connection => connection.query(sql, parameters))
      : this.#outside(sql, parameters, connection => connection.query(sql, parameters))
    return rows as Promise<Row[]>
  }

  execute(sql: string, parameters: readonly SqlValue[] = none): Promise<number> {
    const scope = this.#transactions.current()
    return scope
      ? this.#inside(scope, sql, parameters, connection => connection.execute(sql, parameters))
      : this.#outside(sql, parameters, connection => connection.execute(sql, parameters))
  }

  async send(sql: string, parameters: readonly SqlValue[] = none): Promise<void> {
    const scope = this.#transactions.current()
    if (scope?.depth === 0 && scope.connection.send) {
      this.#check(sql, parameters)
      const answer = this.#usable(scope, sql).send!(sql, parameters)
      if (answer) return scope.send(answer, error => this.#failed(scope, error))
    }
    await this.execute(sql, parameters)
  }

  async run<T>(work: () => Promise<T>, options?: UnitOfWorkOptions): Promise<T> {
    if (this.#transactions.open()) return this.#transactions.run(work, options)
    this.#inUse.enter()
    try {
      return await this.#transactions.run(work, options)
    } finally {
      this.#inUse.leave()
    }
  }

  async runIn<Transaction, T>(
    transactions: ForeignTransactions<Transaction>,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    this.#inUse.enter()
    try {
      return await this.#joining.run(transactions, work)
    } finally {
      this.#inUse.leave()
    }
  }

  importRows(
    table: string,
    columns: readonly string[],
    rows: ImportedRows,
    { signal }: ImportOptions = {},
  ): Promise<number> {
    const write = (batch: readonly ImportedRow[]) => this.#insertMany(table, columns, batch)
    // What was read of the source does not come again.
    return this.run(() => importRows(columns, rows, write, signal), {
      attempts: 1,
      ...(signal && { signal }),
    })
  }

  afterCommit(hook: () => void | Promise<void>): void {
    const scope = this.#transactions.open()
    if (scope) scope.effects.afterCommit.push(hook)
    else this.#transactions.call(hook)
  }

  async beforeCommit<Item>(sink: CommitSink<Item>, items: readonly Item[]): Promise<void> {
    const scope = this.#transactions.current()
    if (!scope) return sink(items)
    requireUsable(scope, false)
    const kept = scope.effects.keep(sink, items)
    // In a savepoint it has to wait for what was kept before it, outside.
    if (scope.depth === 0 && kept >= mostKept) await scope.effects.handOver()
  }

  afterRollback(undo: () => void): void {
    this.#transactions.open()?.effects.afterRollback.push(undo)
  }

  address(): DatabaseAddress | undefined {
    return this.#address
  }

  inTransaction(): boolean {
    return this.#transactions.open() !== undefined
  }

  isReadOnly(): boolean {
    return this.#transactions.open()?.readOnly === true
  }

  kysely<Tables>(): Kysely<Tables> {
    this.#kysely ??= kyselyOver<never>(this, this.#driver.kysely)
    return this.#kysely as unknown as Kysely<Tables>
  }

  async migrate(namespace: string, migrations: readonly Migration[]): Promise<MigrationReport> {
    const migrator = this.migrator(namespace, migrations)
    return this.#atStart === 'refuse' ? migrator.requireApplied() : migrator.up()
  }

  migrator(namespace: string, migrations: readonly Migration[], options: MigratorOptions = {}): Migrator {
    return new SqlMigrator(migratorContext(this, this.#surroundings, { namespace, migrations }, options))
  }

  onCommit(listener: () => void): () => void {
    // The commit of one request must not lend its context to a listener of all.
    const context = AsyncLocalStorage.snapshot()
    return this.#driver.onCommit(() => context(() => this.#transactions.call(listener)))
  }

  onEvents(sink: EventSink): void {
    this.#sink = sink
  }

  async recordEvents(events: readonly DomainEvent[]): Promise<void> {
    if (events.length === 0) return
    if (!this.#sink) throw nobodyTakesEvents()
    await this.#sink(events)
  }

  async health(): Promise<Health> {
    if (this.#closed) return { status: 'down', detail: 'closed' }
    try {
      return await this.#driver.health()
    } catch (error) {
      return { status: 'down', detail: this.#transactions.convert(error).message }
    }
  }

  async close(): Promise<void> {
    if (this.#transactions.open()) {
      throw new InfrastructureError(
        'precondition_failed',
        'A database cannot be closed inside of its own unit of work.',
      )
    }
    this.#closed ??= this.#inUse.close(this.#closeTimeoutMs, late => this.#driver.close(late))
    await this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #insertMany(table: string, columns: readonly string[], rows: readonly ImportedRow[]): Promise<void> {
    const scope = this.#transactions.current()
    if (scope?.connection.copy) {
      await this.#inside(scope, 'COPY', none, connection => connection.copy!(table, columns, rows))
      return
    }
    for (const { sql, parameters } of await this.grammar.inserts(table, columns, rows)) {
      await this.execute(sql, parameters)
    }
  }

  async #inside<T>(
    scope: Scope,
    sql: string,
    parameters: readonly SqlValue[],
    operation: (connection: Connection) => T | Promise<T>,
  ): Promise<T> {
    this.#check(sql, parameters)
    const connection = this.#usable(scope, sql)
    try {
      return await operation(connection)
    } catch (error) {
      throw this.#failed(scope, error)
    }
  }

  async #outside<T>(
    sql: string,
    parameters: readonly SqlValue[],
    operation: (connection: Connection) => T | Promise<T>,
  ): Promise<T> {
    this.#check(sql, parameters)
    this.#inUse.enter()
    try {
      return await operation(this.#driver.autocommit)
    } catch (error) {
      const converted = this.#transactions.convert(error)
      if (converted.retry !== 'now') throw converted
      return await this.#transactions.again(operation)
    } finally {
      this.#inUse.leave()
    }
  }

  /**
   * The error of a statement. Some engines give up the whole transaction for it, so that on none of them the unit of work can commit,
   * even if its work catches the error.
   */
  #failed(scope: Scope, error: unknown): InfrastructureError {
    const converted = this.#transactions.convert(error)
    if (scope.failure === undefined || converted.retry === 'now') scope.failure = { cause: converted }
    return converted
  }

  #check(sql: string, parameters: readonly SqlValue[]): void {
    checkValues(parameters)
    const { controlsTransaction, placeholders } = this.#facts.get(sql, factsOf)
    // Where several units of work share a physical transaction, it would end that of all of them.
    if (controlsTransaction) throw transactionControl()
    // Some engine would take a missing parameter for NULL, which would hide a mistake.
    if (parameters.length !== placeholders) throw miscounted(placeholders, parameters.length)
  }

  /** The scope's connection, if the statement may run in it now. */
  #usable(scope: Scope, sql: string): Connection {
    requireUsable(scope, !scope.readOnly || this.#facts.get(sql, factsOf).onlyReads)
    return scope.connection
  }
}
