import type { InfrastructureError } from '../../../ports/errors.ts'
import type { SqliteUnit } from './unit.ts'

/** Units in one physical transaction at most. */
const most = 64
/** One that took longer is committed although others wait, or more might come. */
const longestMs = 20
/** So many are a sign of load: as long as further turns of the event loop add to them, they wait for more. */
const busySize = 4

/** The units of one physical transaction that have ended, and are not committed yet. Times are of the monotonic clock. */
export class UnitGroup {
  #units: SqliteUnit[] = []
  #since = 0
  /** How many there were at the last look. */
  #seen = 0

  get size(): number {
    return this.#units.length
  }

  /** Its transaction begins. */
  begin(now: number): void {
    this.#since = now
  }

  add(unit: SqliteUnit): void {
    this.#units.push(unit)
  }

  /** Whether `unit` needs another transaction. */
  isFullFor(unit: SqliteUnit): boolean {
    const [first] = this.#units
    return first !== undefined && (first.alone || unit.alone || this.#units.length >= most)
  }

  isOld(now: number): boolean {
    return now - this.#since > longestMs
  }

  /** Whether so many have joined since the last look that those of the next turn are worth waiting for. */
  grows(now: number): boolean {
    const { length } = this.#units
    const grown = length >= busySize && length > this.#seen && !this.isOld(now)
    this.#seen = grown ? length : 0
    return grown
  }

  /** The physical commit is done. */
  committed(): void {
    for (const unit of this.#take()) unit.onCommitted()
  }

  /** The transaction is lost. */
  lose(error: InfrastructureError): void {
    for (const unit of this.#take()) unit.reject(error)
  }

  #take(): readonly SqliteUnit[] {
    const units = this.#units
    this.#units = []
    return units
  }
}
