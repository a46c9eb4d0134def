import { InfrastructureError } from '../ports/errors.ts'

/** What a command talks to. Given, so that tests can look at it. */
export interface Terminal {
  out(text: string): void
  error(text: string): void
  readonly colours: boolean
  /** A person looks at what `error` prints, on a screen that can be written over. */
  readonly screen?: boolean
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A command of `portolan`. One file each, in `commands/`. */
export interface Command {
  /** In a line. */
  readonly summary: string
  /** The whole help, with examples. */
  readonly help: string
  /** Resolves with the exit code: 0 when all is well, 1 for a problem. Rejects with a {@link UsageError} when it was called wrongly. */
  run(args: readonly string[], terminal: Terminal): Promise<number>
}

/** The command line is wrong: exit code 2. */
export class UsageError extends InfrastructureError {
  constructor(message: string) {
    super('invalid_argument', message)
    this.name = 'UsageError'
  }
}

export const exitCode = { ok: 0, problem: 1, usage: 2 } as const
