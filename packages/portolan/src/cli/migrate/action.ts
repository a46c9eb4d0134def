import type { Connecting } from '../database.ts'
import type { Session } from './session.ts'

/** What stands on the command line behind an action. */
export interface ActionOptions {
  /** What is not an option: the name for `resolve`. */
  readonly names: readonly string[]
  readonly to?: string | undefined
  readonly steps?: string | undefined
  readonly all: boolean
  readonly down: boolean
  readonly check: boolean
  readonly applied: boolean
  readonly notApplied: boolean
  readonly colours: boolean
}

export interface Outcome {
  readonly text: string
  /** For `--json`. */
  readonly data: Readonly<Record<string, unknown>>
  readonly code: number
}

/** One thing that `portolan migrate` does. */
export interface Action {
  /** The options that it understands, beside those of all. */
  readonly options: readonly string[]
  /** As of `connect`. */
  readonly absent: Connecting['absent']
  run(session: Session, options: ActionOptions): Promise<Outcome>
}
