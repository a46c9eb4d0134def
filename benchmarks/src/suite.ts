/** What a figure is in, and which end of the scale is the good one. */
export interface Measure {
  /** `jobs/s`, `ms`, `MiB`. */
  readonly unit: string
  readonly better: 'higher' | 'lower'
  /** How many times the cost of the raw driver ours may be at most; a row that takes more says so. */
  readonly mostToRaw?: number
}

/** A contender that is ready to be measured. */
export interface Running<Case extends string> extends AsyncDisposable {
  /**
   * One round: does the work, checks that the result is correct (and throws when it is not), and returns a figure for each
   * case that is asked for; it may return the others of the trial, too. The first call is the warm-up; its figures are thrown away.
   */
  round(cases: readonly Case[]): Promise<Readonly<Partial<Record<Case, number>>>>
}

/** Thrown by `open`: the contender cannot run here. The report names it, and why. */
export class Unavailable extends Error {}

/** One way to do the work, used as its own documentation recommends for speed. */
export interface Contender<Case extends string> {
  /** `portolan`, `portolan/postgres`, `graphile-worker`: what begins with `portolan` is ours, all else a peer. */
  readonly name: string
  /** It is what the others stand on (a driver, say), with nothing above it: compared apart from the peers. */
  readonly raw?: boolean
  open(): Promise<Running<Case>>
}

/** Work that several contenders do in turn; a round of it yields a figure for each case. */
export interface Trial<Case extends string = string> {
  /** What `--only` may name to run this trial alone. */
  readonly name?: string
  /** The contenders take turns at each case, instead of at all of them together: closer in time, so fairer on a busy machine. */
  readonly apart?: boolean
  readonly cases: Readonly<Record<Case, Measure>>
  readonly contenders: readonly Contender<Case>[]
}

/** What `npm run bench -- NAME` measures. */
export interface Suite {
  readonly name: string
  /** The npm packages whose versions matter, beside portolan. */
  readonly packages: readonly string[]
  readonly trials: readonly Trial[]
  /** What a reader must know to compare: where contenders do not do the same, or not with the same guarantees. */
  readonly notes?: readonly string[]
  /** Versions of what is no npm package: servers, embedded engines. */
  engines?(): Promise<Readonly<Record<string, string>>>
}
