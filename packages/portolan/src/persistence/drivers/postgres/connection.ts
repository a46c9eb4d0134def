import type { Clock, Timer } from '../../../ports/time.ts'
import { gatheredWrites } from '../../../runtime/gathered-writes.ts'
import type { Connection } from '../../driver.ts'
import type { SqlRow, SqlValue } from '../../sql-value.ts'
import type { PgClient } from './client.ts'
import { copyRows } from './copy.ts'
import { isStalePlan } from './errors.ts'
import type { Answer, Prepared, PreparedQueryClass } from './prepared-query.ts'
import type { PostgresStatements, Statement } from './statements.ts'
import { bind, types } from './values.ts'

/** Statements that one session keeps prepared; a connection with more is replaced, which frees them. */
const mostPrepared = 1_000
/** What the server gets beyond its own timeout before the connection is taken for dead. */
const graceMs = 5_000
/** A server that does not answer to the leave that is taken is left without an answer. */
const farewellMs = 2_000

export interface PostgresConnectionOptions {
  readonly statements: PostgresStatements
  readonly clock: Clock
  /** The server ends a statement after this time; 0: never. */
  readonly statementTimeoutMs: number
}

/** One session: named statements, values without loss, and what is known of its health. */
export class PostgresConnection implements Connection {
  readonly client: PgClient
  readonly #options: PostgresConnectionOptions
  readonly #PreparedQuery: PreparedQueryClass | undefined
  readonly #prepared = new Map<string, Prepared>()
  #lost = false
  #pending = 0
  #answered = 0
  #watch: Timer | undefined
  readonly #gather = gatheredWrites(process.nextTick)
  #onLost: () => void = () => {}

  constructor(client: PgClient, options: PostgresConnectionOptions) {
    this.client = client
    this.#options = options
    this.#PreparedQuery = options.statements.queryClass(client)
    const lose = () => {
      if (this.#lost) return
      this.#lost = true
      this.#watch?.cancel()
      this.#onLost()
    }
    // Without a listener, the loss of an idle connection would end the process.
    client.on('error', lose)
    client.on('end', lose)
  }

  /** The server is gone, as far as this connection can tell. */
  get lost(): boolean {
    return this.#lost
  }

  /** Better replaced than lent again. */
  get worn(): boolean {
    return this.#prepared.size > mostPrepared
  }

  /** Statements were sent and not answered yet. */
  get busy(): boolean {
    return this.#pending > 0
  }

  /** The server's number of this session. */
  get processId(): number {
    return (this.client as { processID?: number | null }).processID ?? 0
  }

  onLost(listener: () => void): void {
    this.#onLost = listener
  }

  async query(sql: string, parameters: readonly SqlValue[]): Promise<SqlRow[]> {
    return (await this.#run(this.#options.statements.of(sql), parameters)).rows
  }

  async execute(sql: string, parameters: readonly SqlValue[]): Promise<number> {
    const statement = this.#options.statements.of(sql)
    const { rowCount } = await this.#run(statement, parameters)
    return statement.facts.changesRows ? (rowCount ?? 0) : 0
  }

  /** On its way when this returns; throws when it cannot be. */
  send(sql: string, parameters: readonly SqlValue[]): Promise<unknown> {
    return this.#run(this.#options.statements.of(sql), parameters)
  }

  copy(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<number> {
    return this.#answer(() => copyRows(this.client, table, columns, rows))
  }

  /** A command without parameters, such as `BEGIN`; resolves with what the server says that it did. */
  async command(text: string): Promise<string> {
    return (await this.#answer(() => this.client.query({ text }))).command
  }

  /** Drops the connection at once. */
  destroy(): void {
    this.#lost = true
    this.#watch?.cancel()
    // `end` would wait for what runs; a socket that is destroyed ends it.
    const { connection } = this.client as { connection?: { stream?: { destroy?(): void } } }
    if (connection?.stream?.destroy) connection.stream.destroy()
    else void this.client.end().catch(() => {})
  }

  async close(): Promise<void> {
    this.#watch?.cancel()
    const timer = this.#options.clock.timer(farewellMs, () => this.destroy())
    await this.client.end().catch(() => {})
    timer.cancel()
  }

  async #answer<T>(ask: () => Promise<T>): Promise<T> {
    this.#sending()
    try {
      return await ask()
    } finally {
      this.#received()
    }
  }

  async #run(statement: Statement, parameters: readonly SqlValue[]): Promise<Answer> {
    this.#sending()
    try {
      return await this.#submit(statement, bind(parameters))
    } catch (error) {
      if (isStalePlan(error)) this.#options.statements.renew()
      throw error
    } finally {
      this.#received()
    }
  }

  #submit(statement: Statement, values: unknown[]): Promise<Answer> {
    const { client } = this
    const { text, name } = statement
    const prepared = name === undefined ? undefined : this.#preparedAs(name, statement)
    const PreparedQuery = this.#PreparedQuery
    if (!prepared || !PreparedQuery) {
      return client.query({ text, name, values, types, queryMode: 'extended' }) as Promise<Answer>
    }
    return new Promise((resolve, reject) => {
      const done = (error: unknown, answer?: Answer) => (error ? reject(error) : resolve(answer!))
      client.query(new PreparedQuery(prepared, values, this.#options.statements.makerOf, done))
    })
  }

  #preparedAs(name: string, { text, facts: { returnsRows } }: Statement): Prepared {
    let prepared = this.#prepared.get(name)
    if (!prepared) {
      prepared = { text, name, returnsRows, makeRow: undefined }
      this.#prepared.set(name, prepared)
    }
    return prepared
  }

  #sending(): void {
    this.#pending++
    if (!this.#watch && this.#options.statementTimeoutMs > 0) this.#watchOver(this.#answered)
    this.#gather((this.client as { connection?: { stream?: object } }).connection?.stream)
  }

  #received(): void {
    this.#pending--
    this.#answered++
  }

  /** A server that never answers, because the network swallows what is sent, does not keep callers for ever. */
  #watchOver(answered: number): void {
    const { clock, statementTimeoutMs } = this.#options
    this.#watch = clock.timer(statementTimeoutMs + graceMs, () => {
      this.#watch = undefined
      if (this.#pending === 0 || this.#lost) return
      if (this.#answered === answered) this.destroy()
      else this.#watchOver(this.#answered)
    })
  }
}
