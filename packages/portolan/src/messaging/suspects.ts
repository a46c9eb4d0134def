import type { Database } from '../persistence/database.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import type { Clock } from '../ports/time.ts'
import { remember } from './history.ts'
import { indexable } from './message-ids.ts'

const table = 'portolan_messaging_suspect'
/** Handlings that are watched after a takeover: more than a group has in hand, as a rule. */
const watched = 64
const mostMoments = 30
const keptMs = 7 * 86_400_000
/** Also where a subscription has one attempt: the first time, others ran beside it, and it may have been one of those. */
const leastCrashes = 2

/** Whether what a group begins in this process is watched: for a while after a member has ended without giving back its share. */
export class Watch {
  #left = 0

  begin(): void {
    this.#left = watched
  }

  get watching(): boolean {
    return this.#left > 0
  }

  /** For each that is begun. */
  takes(): boolean {
    if (this.#left === 0) return false
    this.#left--
    return true
  }
}

/**
 * Messages that may end every process that handles them: by an endless loop, by all of its memory, by `process.exit`. Nothing that such
 * a process could say would tell, so those that take over from it write down what they begin, before they do, and cross it out when it ends,
 * however it ends. What was begun and never ended is counted, and begun alone from then on, so that no other is blamed for it.
 *
 * As long as every process gives back its share, nothing is written at all. After a crash it is two small statements for each of the next
 * messages. Each crash is followed by at least as many handled messages as are watched, or by one that was written down, so that the one
 * that causes them is found in the end, wherever it stands.
 */
export class Suspects {
  readonly #database: Database
  readonly #clock: Clock
  /** What this process has begun itself, with the crashes before. */
  readonly #begun = new Map<string, Suspicion>()
  #alone: Promise<void> = Promise.resolve()

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** What is known about a message that is about to be handled. */
  async look(group: string, messageId: string): Promise<Suspicion> {
    const key: Key = [group, await indexable(messageId)]
    const own = this.#begun.get(key.join('\0'))
    if (own) return own
    const [row] = await this.#database.query<{ begun: number; moments: string }>(
      `SELECT begun, moments FROM ${table} WHERE consumer_group = ? AND message_id = ?`,
      key,
    )
    return new Suspicion(this, key, row?.begun ?? 0, row ? JSON.parse(row.moments) : [])
  }

  /** In a commit of its own. */
  async begin(suspicion: Suspicion): Promise<void> {
    const { key, crashes, moments } = suspicion
    const name = key.join('\0')
    if (this.#begun.has(name)) return
    const now = Math.floor(this.#clock.now())
    const [group, id] = key
    const row = {
      ...{ begun: crashes + 1, begun_at: now },
      moments: JSON.stringify([...moments, now].slice(-mostMoments)),
    }
    const updated = await this.#database.execute(
      `UPDATE ${table} SET begun = ?, begun_at = ?, moments = ? WHERE consumer_group = ? AND message_id = ?`,
      [...Object.values(row), ...key],
    )
    if (updated === 0)
      await insertIfAbsent(this.#database, table, { ...row, consumer_group: group, message_id: id })
    this.#begun.set(name, suspicion)
  }

  /** With the commit of the unit of work in progress. */
  async end({ key }: Suspicion): Promise<void> {
    await this.#database.execute(`DELETE FROM ${table} WHERE consumer_group = ? AND message_id = ?`, key)
    this.#database.afterCommit(() => void this.#begun.delete(key.join('\0')))
  }

  /** Waits until no other suspect is handled in this process. */
  async alone(): Promise<Disposable> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#alone
    this.#alone = promise
    await before
    return { [Symbol.dispose]: resolve }
  }

  /** Forgets what others have handled without knowing of it. */
  async prune(): Promise<void> {
    const before = Math.floor(this.#clock.now() - keptMs)
    await this.#database.execute(`DELETE FROM ${table} WHERE begun_at < ?`, [before])
  }
}

type Key = readonly [group: string, message: string]

/** Of one message in one group. */
export class Suspicion {
  readonly key: Key
  /** How often it was begun, and neither ended nor failed. */
  readonly crashes: number
  /** When, the last times. */
  readonly moments: readonly number[]
  readonly #suspects: Suspects

  constructor(suspects: Suspects, key: Key, crashes: number, moments: readonly number[]) {
    this.#suspects = suspects
    this.key = key
    this.crashes = crashes
    this.moments = moments
  }

  /** Whether it has used up `attempts`. */
  condemns(attempts: number): boolean {
    return this.crashes >= Math.max(attempts, leastCrashes)
  }

  begin(): Promise<void> {
    return this.#suspects.begin(this)
  }

  end(): Promise<void> {
    return this.#suspects.end(this)
  }

  /** `history` with the attempts whose process has ended. */
  remembered(history: string | undefined): string | undefined {
    const first = this.crashes - this.moments.length + 1
    return this.moments.reduce<string | undefined>(
      (past, moment, at) =>
        remember(past, {
          ...{ at: new Date(moment), attempt: first + at, died: false },
          reason: 'Its process ended while it was handled.',
        }),
      history,
    )
  }
}
