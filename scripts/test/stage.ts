/** What a stage of `npm test` found. */
export interface Outcome {
  readonly ok: boolean
  /** A few words for the summary: `412 tests`. */
  readonly summary: string
  /** What to read when it failed, or nevertheless. */
  readonly details?: string
}

export interface StageOptions {
  /** Tests of files whose path holds one of these; all files when there is none. */
  readonly patterns: readonly string[]
  print(line: string): void
}

/** One step of `npm test`; stages run one after the other, all of them, whatever the outcome of the ones before. */
export interface Stage {
  readonly name: string
  run(options: StageOptions): Promise<Outcome>
}
