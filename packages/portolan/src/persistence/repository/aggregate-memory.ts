import type { Database, DomainEvent } from '../database.ts'
import type { Snapshot } from './snapshot.ts'
import { Stamp } from './stamp.ts'

/**
 * What a repository knows about aggregates without their knowing it: the rows that they were loaded from or saved as, and the events
 * that were handed on. What is remembered within a transaction is forgotten again when it is rolled back.
 */
export class AggregateMemory<Aggregate extends object> {
  readonly #database: Database
  /** Of aggregates that another repository remembers as well. */
  readonly #shared = new WeakMap<Aggregate, Snapshot>()
  readonly #recorded = new WeakSet<DomainEvent>()

  constructor(database: Database) {
    this.#database = database
  }

  snapshotOf(aggregate: Aggregate): Snapshot | undefined {
    return Stamp.get<Snapshot>(aggregate, this) ?? this.#shared.get(aggregate)
  }

  loaded(aggregate: Aggregate, snapshot: Snapshot): void {
    this.#set(aggregate, snapshot)
  }

  /** `after` is undefined for what was deleted. */
  written(changes: readonly { readonly aggregate: Aggregate; readonly after: Snapshot | undefined }[]): void {
    const before = changes.map(({ aggregate }) => this.snapshotOf(aggregate))
    for (const { aggregate, after } of changes) this.#set(aggregate, after)
    this.#database.afterRollback(() => {
      for (let i = 0; i < changes.length; i++) this.#set(changes[i]!.aggregate, before[i])
    })
  }

  /** Those of `events` that were not handed on yet. */
  newEvents(events: readonly DomainEvent[]): DomainEvent[] {
    return events.filter(event => !this.#recorded.has(event))
  }

  recorded(events: readonly DomainEvent[]): void {
    for (const event of events) this.#recorded.add(event)
    this.#database.afterRollback(() => {
      for (const event of events) this.#recorded.delete(event)
    })
  }

  #set(aggregate: Aggregate, snapshot: Snapshot | undefined): void {
    if (Stamp.set(aggregate, this, snapshot)) return
    if (snapshot) this.#shared.set(aggregate, snapshot)
    else this.#shared.delete(aggregate)
  }
}
