import { setImmediate } from 'node:timers'
import type { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock, Timer } from '../../../ports/time.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { databaseClosed } from '../../closed.ts'
import type { Connection, TransactionOptions } from '../../driver.ts'
import { Breaks, breakMs } from './breaks.ts'
import type { SqliteConnection } from './connection.ts'
import {
  classifySqlite,
  heldTooLong,
  isBusy,
  isIoError,
  lockTimeout,
  lostTogether,
  notAwaited,
  overtaken,
  unknownCommit,
} from './errors.ts'
import { LockPatience } from './lock-patience.ts'
import { SqliteUnit, type UnitHost } from './unit.ts'
import { UnitGroup } from './unit-group.ts'

export interface SqliteWriterLimits {
  /** How long a unit waits for other processes to finish writing. */
  readonly lockTimeoutMs: number
  /** How long a unit may hold the connection while others wait for it. */
  readonly holdTimeoutMs: number
}

/**
 * The one connection that writes. An fsync costs far more than a small unit of work, so units that are ready within the same turn
 * of the event loop share one: they run one after the other, each in a savepoint, inside one `BEGIN IMMEDIATE … COMMIT`. Under load,
 * the units of the next turns join them.
 *
 * Guarantees:
 * - A unit is acknowledged only after the physical commit.
 * - A unit that fails rolls back alone. When the whole transaction is lost, every unit of it rejects.
 * - A unit that ended does not wait for one that awaits something (a timer, a request): with the next turn of the event loop that
 *   ends no other the finished ones are committed, and what the other one had written is written again in a transaction of its own. Should another
 *   process have written in between, it rejects with `retry: 'now'` instead.
 * - A unit that holds the connection too long while others wait is rolled back.
 * - Other processes have their turns, however much this one has to write.
 */
export class SqliteWriter implements UnitHost {
  readonly connection: SqliteConnection
  readonly #clock: Clock
  readonly #limits: SqliteWriterLimits
  readonly #onCommit: () => void
  #queue: SqliteUnit[] = []
  #active: SqliteUnit | undefined
  readonly #group = new UnitGroup()
  #flushPlanned = false
  #resting = false
  readonly #breaks = new Breaks()
  readonly #patience: LockPatience
  #watch: Timer | undefined

  constructor(
    connection: SqliteConnection,
    { clock, random }: Surroundings,
    limits: SqliteWriterLimits,
    onCommit: () => void,
  ) {
    this.connection = connection
    this.#clock = clock
    this.#patience = new LockPatience(limits.lockTimeoutMs, random)
    this.#limits = limits
    this.#onCommit = onCommit
  }

  transaction<T>(options: TransactionOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // What was lost together with others is tried again by itself, so that a fault among them hits only its owner.
      const unit = new SqliteUnit(this, options.attempt > 1, options.signal, reject)
      const settle = (result: T) => {
        unit.onCommitted = () => resolve(result)
        this.#end(unit, true)
      }
      const abandon = (error: unknown) => {
        this.#end(unit, false)
        reject(error)
      }
      work(unit).then(settle, abandon)
    })
  }

  /**
   * Runs `work` while no unit does, for what writes through another connection of this process: whichever of the two waited for the
   * other's lock would block the event loop, and so the other, too.
   */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    const unit = new SqliteUnit(this, false, undefined, () => {}, true)
    await unit.itsTurn()
    try {
      return await work()
    } finally {
      if (this.#active === unit) this.#active = undefined
      this.#next()
    }
  }

  /** Nothing runs, and everything that ran is committed. */
  get isIdle(): boolean {
    return !this.#active && this.#group.size === 0
  }

  enqueue(unit: SqliteUnit): void {
    unit.state = 'waiting'
    unit.waitingSince = this.#clock.monotonic()
    this.#queue.push(unit)
    if (this.#active) this.#watchActive()
    else this.#next()
  }

  withdraw(unit: SqliteUnit, error: InfrastructureError): void {
    if (unit.state !== 'waiting') return
    this.#queue = this.#queue.filter(other => other !== unit)
    unit.lose(error)
  }

  failed(unit: SqliteUnit, error: unknown): void {
    if (this.connection.client.isTransaction || this.#active !== unit) return
    this.#active = undefined
    unit.lose(error)
    this.#group.lose(lostTogether(error))
    this.#next()
  }

  detach(unit: SqliteUnit): void {
    try {
      const before = this.connection.dataVersion()
      this.#command('ROLLBACK TO unit')
      this.#command('RELEASE unit')
      if (!this.#commit()) throw lostTogether(undefined)
      this.#command('BEGIN IMMEDIATE')
      if (this.connection.dataVersion() !== before || !unit.replay()) throw overtaken()
      unit.journal = undefined
    } catch (error) {
      this.connection.rollBack()
      this.#group.lose(lostTogether(error))
      this.#active = undefined
      unit.lose(isBusy(error) ? overtaken() : error)
      this.#next()
    }
  }

  /** What still runs, or waits for its turn, is given up. */
  close(): void {
    this.#watch?.cancel()
    const units = this.#active ? [this.#active, ...this.#queue] : this.#queue
    this.#active = undefined
    this.#queue = []
    const error = databaseClosed()
    for (const unit of units) unit.lose(error)
    this.connection.rollBack()
    this.#group.lose(error)
    this.connection.close()
  }

  /** Lets the next unit run, unless one does or the group is full. */
  #next(): void {
    while (!this.#active && !this.#resting) {
      const unit = this.#queue[0]
      if (!unit || this.#isFull(unit)) return
      const first = this.#group.size === 0
      // Its turn comes after the commit of those before it.
      if (unit.aside) return void (first && this.#grant(unit))
      const now = this.#clock.monotonic()
      if (first && this.#breaks.isDue(now)) return void this.#rest(breakMs)
      try {
        // The first of a group is the transaction itself: there is nothing yet to keep apart from it.
        this.#command(first ? 'BEGIN IMMEDIATE' : 'SAVEPOINT unit')
      } catch (error) {
        const pauseMs = isBusy(error) ? this.#patience.pauseMs(now, unit.waitingSince) : undefined
        if (pauseMs !== undefined) return void this.#rest(pauseMs)
        this.#queue.shift()
        unit.lose(isBusy(error) ? lockTimeout(error, this.#limits.lockTimeoutMs) : error)
        continue
      }
      this.#patience.end()
      if (first) {
        this.#group.begin(now)
        this.#breaks.began(now)
      } else unit.journal = []
      unit.activeSince = now
      this.#grant(unit)
      if (this.#queue.length > 0) this.#watchActive()
    }
  }

  #grant(unit: SqliteUnit): void {
    this.#queue.shift()
    this.#active = unit
    unit.grant()
  }

  /** Whether `unit` has to wait until the group is committed. */
  #isFull(unit: SqliteUnit): boolean {
    if (this.#group.size === 0) return false
    if (this.#group.isFullFor(unit)) return true
    const now = this.#clock.monotonic()
    return this.#group.isOld(now) || this.#breaks.isLong(now)
  }

  #end(unit: SqliteUnit, keep: boolean): void {
    if (unit.state === 'waiting') this.withdraw(unit, notAwaited())
    const { state, loss } = unit
    unit.state = 'ended'
    unit.journal = undefined
    if (state !== 'active') {
      if (loss) unit.reject(loss)
      // Without a statement there was nothing to commit.
      else if (keep) unit.onCommitted()
      return
    }
    this.#active = undefined
    const first = this.#group.size === 0
    try {
      if (!keep) this.#command(first ? 'ROLLBACK' : 'ROLLBACK TO unit')
      if (!first) this.#command('RELEASE unit')
      if (keep) this.#group.add(unit)
    } catch (error) {
      this.connection.rollBack()
      unit.reject(classifySqlite(error))
      this.#group.lose(lostTogether(error))
    }
    if (this.#group.size > 0) this.#planFlush()
    this.#next()
  }

  #planFlush(): void {
    if (this.#flushPlanned) return
    this.#flushPlanned = true
    setImmediate(this.#flush)
  }

  readonly #flush = (): void => {
    this.#flushPlanned = false
    if (this.#group.size === 0) return
    if (this.#group.grows(this.#clock.monotonic())) {
      this.#planFlush()
      return
    }
    if (this.#active) this.detach(this.#active)
    else this.#commit()
    this.#next()
  }

  #commit(): boolean {
    try {
      this.#command('COMMIT')
    } catch (error) {
      this.connection.rollBack()
      if (isIoError(error)) this.#group.lose(unknownCommit(error))
      else this.#group.lose(this.#group.size === 1 ? classifySqlite(error) : lostTogether(error))
      return false
    }
    this.#breaks.ended(this.#clock.monotonic())
    this.#group.committed()
    this.#onCommit()
    return true
  }

  /** Others write, or may: looks again soon, without blocking the event loop meanwhile. */
  async #rest(pauseMs: number): Promise<void> {
    this.#resting = true
    await this.#clock.sleep(pauseMs)
    this.#resting = false
    this.#next()
  }

  /** Looks from time to time whether the active unit holds up others too long. */
  #watchActive(): void {
    this.#watch ??= this.#clock.timer(this.#limits.holdTimeoutMs / 4, () => {
      this.#watch = undefined
      const unit = this.#active
      // What goes on aside is not ours to end.
      if (!unit || unit.aside || this.#queue.length === 0) return
      if (this.#clock.monotonic() - unit.activeSince < this.#limits.holdTimeoutMs) {
        this.#watchActive()
        return
      }
      this.#active = undefined
      this.connection.rollBack()
      const error = heldTooLong(this.#limits.holdTimeoutMs)
      // After a standstill of the whole process, this can come before the flush of those that shared the transaction.
      this.#group.lose(lostTogether(error))
      unit.lose(error)
      // Its work may never come to an end.
      unit.reject(error)
      this.#next()
    })
  }

  #command(sql: string): void {
    this.connection.execute(sql, [])
  }
}
