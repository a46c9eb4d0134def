import type { Database } from '../persistence/database.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { WireMessage } from './driver.ts'
import { adaptive, Loop } from './loop.ts'
import { fromRow, toRow, type WireRow } from './wire-row.ts'

const table = 'portolan_messaging_delayed'
const chunk = 200

interface DelayedRow extends WireRow {
  readonly seq: number
  readonly consumer_group: string | null
}

/** Messages that are published later. Whichever process looks first takes those that are due: in one transaction, so once. */
export class Delayed {
  readonly #database: Database
  readonly #surroundings: Surroundings
  readonly #send: (messages: readonly WireMessage[]) => Promise<void>
  readonly #loop: Loop

  /** `send` puts messages on their way, in the unit of work in progress. */
  constructor(
    database: Database,
    send: (messages: readonly WireMessage[]) => Promise<void>,
    surroundings: Surroundings,
  ) {
    this.#database = database
    this.#surroundings = surroundings
    this.#send = send
    this.#loop = new Loop(surroundings, 'publish the delayed messages that are due', () => this.#step())
  }

  get healthy(): boolean {
    return this.#loop.healthy
  }

  start(): void {
    this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  /** In the unit of work in progress. */
  async add(message: WireMessage, dueAt: number): Promise<void> {
    await this.#database.execute(
      `INSERT INTO ${table} (id, topic, "key", attributes, payload, consumer_group, due_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [...toRow(message), message.group ?? null, Math.ceil(dueAt)],
    )
    // What is due later than its next look is found by that.
    const soon = dueAt - this.#surroundings.clock.now() < adaptive.most
    if (soon) this.#database.afterCommit(() => this.#loop.wake())
  }

  async count(): Promise<number> {
    const [row] = await this.#database.query<{ waiting: number }>(`SELECT COUNT(*) AS waiting FROM ${table}`)
    return row?.waiting ?? 0
  }

  async #step(): Promise<number> {
    const { clock } = this.#surroundings
    // Looking first: as a rule nothing is due, and a look needs no transaction.
    const [next] = await this.#database.query<{ due: number | null }>(
      `SELECT MIN(due_at) AS due FROM ${table}`,
    )
    if (next?.due == null) return Infinity
    if (next.due > clock.now()) return Math.max(1, next.due - clock.now())
    const published = await this.#database.run(() => this.#publishDue(Math.floor(clock.now())))
    return published > 0 ? 0 : Infinity
  }

  /** Passes over what another process has in hand: that one publishes it, or leaves it to the next look. */
  async #publishDue(now: number): Promise<number> {
    const { grammar } = this.#database
    const locking = grammar.forUpdate && `${grammar.forUpdate} SKIP LOCKED`
    const rows = await this.#database.query<DelayedRow>(
      `SELECT seq, id, topic, "key", attributes, payload, consumer_group FROM ${table}
       WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?${locking}`,
      [now, chunk],
    )
    const seqs = rows.map(({ seq }) => seq)
    for (const { sql, parameters } of await grammar.lists(table, 'seq', seqs)) {
      await this.#database.execute(`DELETE FROM ${table} WHERE seq IN ${sql}`, parameters)
    }
    await this.#send(rows.map(row => fromRow(row, row.consumer_group ?? undefined)))
    return rows.length
  }
}
