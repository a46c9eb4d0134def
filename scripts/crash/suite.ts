/** What a run is asked for. */
export interface Crash {
  readonly database: string | undefined
  readonly broker: string | undefined
  readonly kills: number
  readonly naive: boolean
  readonly seed: number
  say(text: string): void
}

/** Something that processes do while they are killed. */
export interface Suite {
  /** Ends with what it counted. */
  run(crash: Crash): Promise<Readonly<Record<string, number>>>
  /** Those of the counts that must be zero. */
  readonly broken: readonly string[]
  /** What it says when they are. */
  readonly whole: string
}
