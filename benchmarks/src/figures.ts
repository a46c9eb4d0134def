import type { Measure } from './suite.ts'

/** What the rounds of one contender came to. */
export interface Figures {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** How ours compare: to the best peer, and to the best of what the peers and we stand on. */
export interface Comparison {
  /** `null` when there is no peer. */
  readonly bestPeer: string | null
  /** Ours to the best peer's median, above 1 when we are ahead, whatever `better` says. */
  readonly ratio: number | null
  /** The best raw contender; `null` when there is none. */
  readonly raw: string | null
  /** Ours to its median, like `ratio`. */
  readonly rawRatio: number | null
}

/** The figures of at least one round. */
export function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median: rounded(median), min: rounded(sorted[0]!), max: rounded(sorted.at(-1)!) }
}

export function compare(
  results: Readonly<Record<string, Figures>>,
  { better }: Measure,
  raw: ReadonlySet<string> = new Set(),
): Comparison {
  const best = (among: (name: string) => boolean) =>
    Object.keys(results)
      .filter(among)
      .toSorted((a, b) => (results[b]!.median - results[a]!.median) * (better === 'higher' ? 1 : -1))[0]
  const ours = best(isOurs)
  const to = (other: string | undefined) => {
    if (ours === undefined || other === undefined) return null
    const [mine, theirs] = [results[ours]!.median, results[other]!.median]
    return rounded(better === 'higher' ? mine / theirs : theirs / mine)
  }
  const peer = best(name => !isOurs(name) && !raw.has(name))
  const driver = best(name => raw.has(name))
  return { bestPeer: peer ?? null, ratio: to(peer), raw: driver ?? null, rawRatio: to(driver) }
}

export const isOurs = (name: string): boolean => name === 'portolan' || name.startsWith('portolan/')

/** Four significant digits, as many as a measurement is good for; all of them before the point. */
const rounded = (value: number): number =>
  Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
