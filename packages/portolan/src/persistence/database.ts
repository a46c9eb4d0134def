import type { Kysely } from 'kysely'
import type { Health } from '../ports/service.ts'
import type { UnitOfWork } from '../ports/unit-of-work.ts'
import type { DatabaseCapabilities, Dialect, SqlGrammar } from './driver.ts'
import type { ForeignTransactions } from './foreign.ts'
import type { ImportedRows, ImportOptions } from './import-rows.ts'
import type { Migration } from './migrations.ts'
import type { MigrationReport, Migrator, MigratorOptions } from './migrator.ts'
import type { TlsOptions } from './server/url.ts'
import type { SqlValue } from './sql-value.ts'
import type { Statements } from './statements.ts'

export type { Dialect } from './driver.ts'
export type { SqlRow, SqlValue } from './sql-value.ts'

/**
 * A database: the unit of work, and SQL inside it. Every statement runs in the transaction in progress, or on its own when
 * there is none. Placeholders are `?` on every engine; statements are prepared once and kept.
 */
export interface Database<Native = unknown> extends UnitOfWork, Statements, AsyncDisposable {
  readonly dialect: Dialect
  readonly capabilities: DatabaseCapabilities
  /** SQL where engines differ, for what generates statements. */
  readonly grammar: SqlGrammar
  /** The engine's own client. What is done with it stands outside of the unit of work. */
  readonly native: Native
  /**
   * Runs `work` in a transaction that something else opens, commits and rolls back, such as an ORM. Inside, everything joins it as it
   * joins `run`: repositories, messages, jobs, `kysely`, and units of work, nested ones included. Hooks after the commit run once it is
   * committed, and never after a rollback. Only `transactions` retries, if it does. What was put into a savepoint that it makes by
   * itself is not taken back when that rolls back: take `run` with `propagation: 'nested'`, which its own statements are part of, too.
   *
   * @throws InfrastructureError `precondition_failed` inside of a unit of work, for another engine or database, or when the transaction
   * ended before `work` did; what `transactions` rejects with, otherwise.
   * @example
   * const transactions = knexTransactions(knex)
   * await database.runIn(transactions, async trx => {
   *   await trx('orders').insert({ id: order.id, status: 'placed' })
   *   await messages.publish(OrderPlaced, { orderId: order.id })
   * })
   */
  runIn<Transaction, T>(
    transactions: ForeignTransactions<Transaction>,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T>
  /** Kysely over the transaction in progress: the query language for what an application adds. */
  kysely<Tables>(): Kysely<Tables>
  /**
   * What another thread of this process opens the same database with. It holds secrets. `undefined` where that cannot be: in memory, over
   * an injected client, or with a password that is asked for.
   */
  address(): DatabaseAddress | undefined
  /** Whether the caller is inside of a unit of work of this database. */
  inTransaction(): boolean
  /** Whether the caller is inside of a unit of work that only reads. */
  isReadOnly(): boolean
  /**
   * What an application does at its start: applies what has not been applied yet, or refuses to start without it when the database
   * was opened with `migrate: 'refuse'`. Safe to call from many processes at once.
   */
  migrate(namespace: string, migrations: readonly Migration[]): Promise<MigrationReport>
  /** Migrations to look at, apply, undo and set right. */
  migrator(namespace: string, migrations: readonly Migration[], options?: MigratorOptions): Migrator
  /**
   * Calls `listener` soon after something was committed, by this process or (as the engine allows) another: a hint to look for
   * work, never a promise. Returns what ends it.
   */
  onCommit(listener: () => void): () => void
  /**
   * Something that is taken into the same commit as the aggregates saved in the current unit of work: repositories hand the events
   * of what they save to it. Messaging sets it.
   */
  onEvents(sink: EventSink): void
  /** Hands events to the sink, inside of the transaction in progress. For repositories of your own. */
  recordEvents(events: readonly DomainEvent[]): Promise<void>
  /**
   * Hands `items` to `sink` right before the transaction in progress commits, inside of it, with whatever else was kept for the same
   * function, in order: many calls then cost one statement. What was kept in a savepoint that is rolled back is dropped; when `sink`
   * rejects, nothing is committed. Of very many, it is handed some before. Outside of a transaction, `sink` is called at once.
   */
  beforeCommit<Item>(sink: (items: readonly Item[]) => Promise<void>, items: readonly Item[]): Promise<void>
  /**
   * Runs a statement whose answer nobody needs: the engine may get it together with what follows it, be it the commit. When it fails, so
   * does the unit of work in progress, with its error. Otherwise like `execute`.
   *
   * @example
   * await database.send('INSERT INTO visit (page) VALUES (?)', [page])
   */
  send(sql: string, parameters?: readonly SqlValue[]): Promise<void>
  /**
   * Inserts rows as they come, all or none of them: in the unit of work in progress, or in one of its own, which is not tried again. Each
   * row has a value for each of `columns`. Memory holds some thousands of them; the source waits while they are written, by `COPY` on
   * PostgreSQL. Resolves with how many there were.
   *
   * @throws InfrastructureError as `execute` does, with the number of the row, from 1, as `details.row` where it is known.
   * @example
   * await database.importRows('stock', ['sku', 'units'], rowsOf(file), { signal })
   */
  importRows(
    table: string,
    columns: readonly string[],
    rows: ImportedRows,
    options?: ImportOptions,
  ): Promise<number>
  /**
   * Calls `undo` when the transaction (or savepoint) in progress is rolled back, before any retry: for what is remembered in memory
   * about rows. Outside of a transaction it is never called. Must not throw.
   */
  afterRollback(undo: () => void): void
  health(): Promise<Health>
  /** Waits for what is running, up to `closeTimeout`, then closes; what still runs is rolled back. Idempotent. */
  close(): Promise<void>
}

/** The arguments of `openDatabase`, as plain data. */
export interface DatabaseAddress {
  readonly url: string
  readonly options: { readonly password?: string; readonly tls?: TlsOptions }
}

/** Takes the domain events of saved aggregates, inside of the transaction that saved them. */
export type EventSink = (events: readonly DomainEvent[]) => Promise<void>

/** What an aggregate records: the name of a message type, its data, and the key that orders it. */
export interface DomainEvent {
  readonly type: string
  readonly data: unknown
  readonly key?: string
}
