import type { Clock } from '../../ports/time.ts'
import type { AnyMapping, Stamp } from '../mapping.ts'
import type { Row } from './rows.ts'
import type { TableSchema } from './table-schema.ts'

/** Names who is at work, as far as it is known; asked at each write that records it. */
export type Actor = () => string | undefined

type Audit = AnyMapping<never>['audit']

/** The values of the columns that tell who changed a root, and when. */
export class Stamps {
  readonly #schema: TableSchema
  readonly #audit: Audit
  readonly #clock: Clock
  readonly #actor: Actor

  constructor(schema: TableSchema, audit: Audit, clock: Clock, actor: Actor) {
    this.#schema = schema
    this.#audit = audit
    this.#clock = clock
    this.#actor = actor
  }

  now(): number {
    return this.#clock.now()
  }

  /** Of roots that are inserted. */
  inserted(): Row {
    return this.#row(['createdAt', 'createdBy', 'updatedAt', 'updatedBy'])
  }

  /** Of roots that are changed. */
  updated(): Row {
    return this.#row(['updatedAt', 'updatedBy'])
  }

  #row(stamps: readonly Stamp[]): Row {
    const row: Record<string, string | number | null> = {}
    for (const stamp of stamps) {
      const column = this.#audit[stamp]
      if (column === undefined) continue
      const value = stamp === 'createdAt' || stamp === 'updatedAt' ? this.now() : (this.#actor() ?? null)
      this.#schema.check(column, value)
      row[column] = value
    }
    return row
  }
}
