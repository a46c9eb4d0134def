import { InfrastructureError } from '../ports/errors.ts'
import type { Connection, DatabaseDriver } from './driver.ts'
import type { ForeignTransactions } from './foreign.ts'
import { Effects, Scope } from './scope.ts'
import type { Transactions } from './transactions.ts'

/** A savepoint that is there for as long as a joined transaction is. */
const mark = 'portolan_joined'

interface Attempt {
  readonly effects: Effects
  scope?: Scope
  done: boolean
}

/** Units of work in transactions that something else begins, commits, rolls back and retries. */
export class Joining {
  readonly #driver: DatabaseDriver
  readonly #transactions: Transactions
  /** Those that are certain to be of the same database. */
  readonly #known = new WeakSet<object>()

  constructor(driver: DatabaseDriver, transactions: Transactions) {
    this.#driver = driver
    this.#transactions = transactions
  }

  async run<Transaction, T>(
    foreign: ForeignTransactions<Transaction>,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    if (this.#transactions.open()) throw alreadyInside()
    if (foreign.dialect !== this.#driver.dialect) throw another(foreign.dialect, this.#driver.dialect)
    let last: Attempt | undefined
    const begin = () =>
      foreign.run(async transaction => {
        // It begins anew: the one before was rolled back.
        await givenUp(last)
        const attempt: Attempt = { effects: new Effects(), done: false }
        last = attempt
        const connection = await this.#connect(foreign, transaction)
        attempt.scope = new Scope(connection, attempt.effects, false, undefined)
        await this.#marked(connection, `SAVEPOINT ${mark}`)
        const result = await this.#transactions.inside(attempt.scope, () => work(transaction))
        // A transaction that was given up in between, be it by an error that nobody let through, would be taken for committed.
        await this.#marked(connection, `RELEASE SAVEPOINT ${mark}`)
        attempt.done = true
        return result
      })
    let result: T
    try {
      result = await (this.#driver.aside ? this.#driver.aside(begin) : begin())
      if (!last?.done) throw notCommitted(undefined)
    } catch (error) {
      await givenUp(last)
      throw error
    }
    this.#driver.signal()
    for (const hook of last.effects.afterCommit) this.#transactions.call(hook)
    return result
  }

  async #connect<Transaction>(
    foreign: ForeignTransactions<Transaction>,
    transaction: Transaction,
  ): Promise<Connection> {
    try {
      const connection = await this.#driver.joined(await foreign.client(transaction))
      if (!this.#known.has(foreign)) {
        const theirs = await this.#placeOf(connection)
        const ours = await this.#placeOf(this.#driver.autocommit)
        if (theirs !== ours) throw another(theirs, ours)
        this.#known.add(foreign)
      }
      return connection
    } catch (error) {
      throw this.#transactions.convert(error)
    }
  }

  async #placeOf(connection: Connection): Promise<string> {
    const [row] = await connection.query(this.#driver.whereabouts, [])
    return String(row?.place)
  }

  async #marked(connection: Connection, sql: string): Promise<void> {
    try {
      await connection.execute(sql, [])
    } catch (error) {
      throw notCommitted(this.#transactions.convert(error))
    }
  }
}

async function givenUp(attempt: Attempt | undefined): Promise<void> {
  if (!attempt) return
  if (attempt.scope) attempt.scope.ended = true
  await attempt.scope?.sent
  attempt.effects.undo()
}

function alreadyInside(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'A unit of work of this database is open, and a transaction of something else would be another one. Begin with `runIn`; inside of it, `run` joins.',
  )
}

function another(theirs: string, ours: string): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    `The transaction is one of ${theirs}, and the database is ${ours}: what is written would be lost to whoever reads it there. Open both with the same address.`,
  )
}

function notCommitted(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'The transaction that was joined is not open any more: it was ended early, or rolled back for a statement whose error was caught. Nothing of it may be relied on.',
    { cause },
  )
}
