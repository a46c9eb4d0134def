import type { Clock, Timer } from '../../../ports/time.ts'
import type { Isolation } from '../../../ports/unit-of-work.ts'
import type { Connection } from '../../driver.ts'
import type { SqlRow, SqlValue } from '../../sql-value.ts'
import type { MysqlClient, MysqlField, MysqlOutcome } from './client.ts'
import { ranTooLong, tooLarge } from './errors.ts'
import { fitsLiteral, roomOf } from './literals.ts'
import { cannotPrepare, isDuplicate, isInterrupted, isLoss } from './server-error.ts'
import type { MysqlStatements, Statement } from './statements.ts'
import type { UniqueKeys } from './unique-keys.ts'
import { bind, readRows } from './values.ts'

/** What the server gets beyond its own timeout before the statement is ended from here. */
const graceMs = 1_000
/** A server that does not answer to the leave that is taken is left without an answer. */
const farewellMs = 2_000
/** What it gets after that before the connection is taken for dead. */
const lastGraceMs = 4_000
/** What any server takes in one packet; for more, it is asked. */
const certainRoom = 900_000
/** After so many transactions in a row, a session is one that has more to come. */
const fewInRow = 3
/** The bit of `serverStatus` that says so. */
const inTransaction = 1

const reading = {
  supportBigNumbers: true,
  dateStrings: true,
  rowsAsArray: false,
  namedPlaceholders: false,
} as const

const levels = {
  read_committed: 'READ COMMITTED',
  repeatable_read: 'REPEATABLE READ',
  serializable: 'SERIALIZABLE',
} as const satisfies Record<Isolation, string>

export interface MysqlConnectionOptions {
  readonly statements: MysqlStatements
  readonly keys: UniqueKeys
  readonly clock: Clock
  /** 0: none. */
  readonly statementTimeoutMs: number
  /** After this, the server ends a session whose transaction does nothing. 0: never. */
  readonly idleTransactionTimeoutMs: number
  /** Makes the parameter of a whole number. */
  readonly integer: (value: number | bigint) => unknown
  /** Ends the statement that another connection runs. */
  readonly interrupt: (threadId: number) => Promise<void>
  /** Nobody else uses the session, so `autocommit` may stay off in it. */
  readonly ownsSession: boolean
}

/** One session: prepared statements, values without loss, and what is known of its health. */
export class MysqlConnection implements Connection {
  readonly client: MysqlClient
  /** A transaction is open in it, as far as the server has told. */
  inTransaction = false
  readonly #options: MysqlConnectionOptions
  #isolation: Isolation = 'read_committed'
  /** `autocommit` is off: transactions begin by themselves. */
  #beginsItself = false
  #inRow = 0
  #lost = false
  #lostIdle = false
  #worn = false
  #pending = 0
  /** When the statement that runs was sent, or the last one was answered; and how long nothing ran before. */
  #since = 0
  #idleMs = 0
  #watch: Timer | undefined

  constructor(client: MysqlClient, options: MysqlConnectionOptions) {
    this.client = client
    this.#options = options
    // Without a listener, the loss of an idle connection would end the process.
    client.on('error', () => this.#lose())
    client.on('end', () => this.#lose())
  }

  /** The server is gone, as far as this connection can tell. */
  get lost(): boolean {
    return this.#lost
  }

  /** The server ended it because its transaction did nothing. */
  get lostIdle(): boolean {
    return this.#lostIdle
  }

  /** Better replaced than lent again. */
  get worn(): boolean {
    return this.#worn
  }

  /** Statements were sent and not answered yet. */
  get busy(): boolean {
    return this.#pending > 0
  }

  async query(sql: string, parameters: readonly SqlValue[]): Promise<SqlRow[]> {
    const { result, fields } = await this.#run(this.#options.statements.of(sql), parameters)
    if (!Array.isArray(result)) return []
    // A procedure answers with several results, of which the first counts.
    if (Array.isArray(fields[0])) return readRows(result[0], fields[0])
    return readRows(result, fields as readonly MysqlField[])
  }

  async execute(sql: string, parameters: readonly SqlValue[]): Promise<number> {
    const statement = this.#options.statements.of(sql)
    try {
      const { result } = await this.#run(statement, parameters)
      const counts = statement.facts.changesRows && !Array.isArray(result)
      return counts ? changedRows(statement, result as MysqlOutcome) : 0
    } catch (error) {
      if (!isDuplicate(error)) throw error
      // The server takes back the statement alone.
      if (statement.ifAbsent) return 0
      await this.#options.keys.describe(error, statement.text, (text, values) => this.query(text, values))
      throw error
    }
  }

  /** Makes the session what the library expects, whatever it was before. */
  async start(settings: string): Promise<void> {
    this.#isolation = 'read_committed'
    await this.#text(settings)
  }

  /** A command without parameters. */
  async command(sql: string): Promise<void> {
    await this.#text(sql)
  }

  /** What is done from here on, until commit or rollback, is one transaction. */
  async begin(isolation: Isolation, readOnly: boolean): Promise<void> {
    // The level stays with the session: what begins alike needs one round trip less.
    if (this.#isolation !== isolation) {
      await this.#text(`SET SESSION TRANSACTION ISOLATION LEVEL ${levels[isolation]}`)
      this.#isolation = isolation
    }
    if (readOnly || !this.#options.ownsSession) {
      await this.#text(readOnly ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION')
    } else if (!this.#beginsItself) {
      // Where one follows the other, those to come need one round trip less; the next statement on its own needs one more.
      const more = ++this.#inRow > fewInRow
      await this.#text(more ? 'SET autocommit = 0' : 'START TRANSACTION')
      this.#beginsItself = more
    }
    // The server tells with what changes something, but not with rows.
    this.inTransaction = true
  }

  /** From here on, each statement commits on its own. */
  async endTransactions(): Promise<void> {
    this.#inRow = 0
    if (!this.#beginsItself) return
    await this.#text('SET autocommit = 1')
    this.#beginsItself = false
  }

  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.ping(error => (error ? reject(error) : resolve()))
    })
  }

  /** Drops the connection at once; what waits for an answer is told that it is lost. */
  destroy(): void {
    this.#lost = true
    this.#watch?.cancel()
    const { stream } = this.client as { stream?: { destroy?(error: Error): void } }
    // mysql2 itself would take leave of the socket, and leave its callers waiting.
    if (stream?.destroy) stream.destroy(new Error('The connection was given up.'))
    else this.client.destroy()
  }

  async close(): Promise<void> {
    this.#watch?.cancel()
    if (this.#lost) return
    await new Promise<void>(resolve => {
      const timer = this.#options.clock.timer(farewellMs, () => {
        this.destroy()
        end()
      })
      const end = () => {
        timer.cancel()
        resolve()
      }
      this.client.on('end', end)
      this.client.on('error', end)
      this.client.end(end)
    })
  }

  async #run(statement: Statement, parameters: readonly SqlValue[]): Promise<Answer> {
    if (!this.inTransaction && (this.#beginsItself || this.#inRow > 0)) await this.endTransactions()
    const room = roomOf(parameters)
    if (room > certainRoom) await this.#requireRoom(room)
    if (!statement.prepared && parameters.every(fitsLiteral)) {
      return this.#text(
        parameters.length === 0 ? statement.text : statement.literal.with(parameters),
        statement.text,
      )
    }
    try {
      return await this.#send('execute', statement.text, bind(parameters, this.#options.integer))
    } catch (error) {
      if (!cannotPrepare(error)) throw error
      return this.#text(statement.literal.with(parameters), statement.text)
    }
  }

  /** A server that gets more than it takes ends the connection, instead of saying so. */
  async #requireRoom(room: number): Promise<void> {
    const { result } = await this.#text('SELECT @@max_allowed_packet AS most')
    const [row] = result as { most: number }[]
    if (row && room > row.most) {
      throw tooLarge(undefined, `: ${room} of ${row.most} bytes`)
    }
  }

  /** `shown`: the statement as errors may show it, without values. */
  async #text(sql: string, shown = sql): Promise<Answer> {
    try {
      return await this.#send('query', sql)
    } catch (error) {
      if (error instanceof Error && 'sql' in error) error.sql = shown
      throw error
    }
  }

  async #send(method: 'query' | 'execute', sql: string, values: unknown[] | null = null): Promise<Answer> {
    const { clock, statementTimeoutMs } = this.#options
    if (this.#pending++ === 0) {
      const now = clock.monotonic()
      this.#idleMs = now - this.#since
      this.#since = now
    }
    if (!this.#watch && statementTimeoutMs > 0) this.#watchOver(statementTimeoutMs + graceMs)
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        this.client[method]({ sql, values, ...reading }, (error, result, fields) => {
          if (error) reject(error)
          else resolve({ result, fields: (fields ?? []) as Answer['fields'] })
        })
      })
      const status = (answer.result as Partial<MysqlOutcome> | undefined)?.serverStatus
      if (status !== undefined) this.inTransaction = (status & inTransaction) !== 0
      return answer
    } catch (error) {
      if (isLoss(error)) this.#lose()
      throw this.#worn && isInterrupted(error) ? ranTooLong(error) : error
    } finally {
      this.#pending--
      this.#since = clock.monotonic()
    }
  }

  #lose(): void {
    if (this.#lost) return
    this.#lost = true
    this.#watch?.cancel()
    const { clock, idleTransactionTimeoutMs: limitMs } = this.#options
    const idleMs = this.busy ? this.#idleMs : clock.monotonic() - this.#since
    this.#lostIdle = this.inTransaction && limitMs > 0 && idleMs >= limitMs
  }

  /**
   * Ends a statement that runs for too long: MySQL itself ends only those that read. A server that never answers, because the network
   * swallows what is sent, does not keep callers for ever either.
   */
  #watchOver(afterMs: number): void {
    const { clock, statementTimeoutMs, interrupt } = this.#options
    this.#watch = clock.timer(afterMs, () => {
      this.#watch = undefined
      if (this.#pending === 0 || this.#lost) return
      const left = this.#since + statementTimeoutMs + graceMs - clock.monotonic()
      if (left > 0) return this.#watchOver(left)
      if (this.#worn) return this.destroy()
      // From now on an interruption may come late, and hit whoever uses the connection next.
      this.#worn = true
      const { threadId } = this.client
      if (threadId !== null) void interrupt(threadId)
      this.#watchOver(lastGraceMs)
    })
  }
}

interface Answer {
  readonly result: unknown
  readonly fields: readonly (MysqlField | readonly MysqlField[])[]
}

function changedRows({ countsTwice }: Statement, { affectedRows, info }: MysqlOutcome): number {
  if (!countsTwice) return affectedRows
  const records = /^Records: (\d+)/.exec(info)?.[1]
  return records === undefined ? Math.min(affectedRows, 1) : Number(records)
}
