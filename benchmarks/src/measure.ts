import { availableParallelism } from 'node:os'
import { compare, type Figures, figuresOf, isOurs } from './figures.ts'
import { type Contender, type Measure, type Running, type Suite, type Trial, Unavailable } from './suite.ts'
import { versionsOf } from './versions.ts'

/** The one object that `--json` prints. */
export interface Report {
  readonly suite: string
  readonly versions: Readonly<Record<string, string>>
  readonly machine: { readonly cores: number; readonly node: string }
  readonly rounds: number
  /** Contenders that could not run here. */
  readonly left_out?: readonly LeftOut[]
  /** What a reader must know to compare. */
  readonly notes?: readonly string[]
  readonly rows: readonly Row[]
}

export interface LeftOut {
  readonly contender: string
  readonly reason: string
}

export interface Row {
  readonly case: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly results: Readonly<Record<string, Figures>>
  readonly best_peer: string | null
  readonly ratio: number | null
  /** Where there is a raw contender: the best one, and ours to its median. */
  readonly raw?: string
  readonly raw_ratio?: number | null
  /** What our figure was to be and is not. */
  readonly misses?: readonly string[]
}

export interface MeasureOptions {
  readonly rounds: number
  /** Only the trials, cases or contenders of this name. */
  readonly only?: string | undefined
  /** Is told what happens, for a person who waits. */
  readonly progress?: (line: string) => void
}

/** Runs a suite: every contender warmed up, then all of them in turn, round by round. */
export async function measure(
  suite: Suite,
  { rounds, only, progress = () => {} }: MeasureOptions,
): Promise<Report> {
  const rows: Row[] = []
  const leftOut: LeftOut[] = []
  for (const trial of chosen(suite, only)) {
    const played = await play(trial, rounds, progress)
    leftOut.push(...played.leftOut)
    if (played.values.size === 0) continue
    rows.push(...Object.keys(trial.cases).map(name => row(name, trial, played.values)))
  }
  return {
    suite: suite.name,
    versions: { ...versionsOf(['portolan', ...suite.packages]), ...(await suite.engines?.()) },
    machine: { cores: availableParallelism(), node: process.version },
    rounds,
    ...(leftOut.length > 0 && { left_out: leftOut }),
    ...(suite.notes && { notes: suite.notes }),
    rows,
  }
}

/** What `only` may be. */
export const namesIn = (suite: Suite): string[] => [...new Set(suite.trials.flatMap(namesOf))]

const namesOf = ({ name, cases, contenders }: Trial): string[] => [
  ...(name === undefined ? [] : [name]),
  ...Object.keys(cases),
  ...contenders.map(contender => contender.name),
]

/** The trials, reduced to what `only` names. */
function chosen({ trials }: Suite, only: string | undefined): readonly Trial[] {
  if (only === undefined) return trials
  return trials.flatMap(trial => {
    if (trial.name === only) return trial
    if (only in trial.cases) return { ...trial, cases: { [only]: trial.cases[only]! } }
    const contenders = trial.contenders.filter(({ name }) => name === only)
    return contenders.length > 0 ? { ...trial, contenders } : []
  })
}

/** The figures of every round, by contender and case. */
type Values = ReadonlyMap<string, Readonly<Record<string, readonly number[]>>>

interface Player {
  readonly name: string
  readonly opened: Running<string>
  readonly values: Record<string, number[]>
}

async function play(
  { cases, contenders, apart = false }: Trial,
  rounds: number,
  progress: (line: string) => void,
): Promise<{ readonly values: Values; readonly leftOut: readonly LeftOut[] }> {
  await using stack = new AsyncDisposableStack()
  const names = Object.keys(cases)
  const leftOut: LeftOut[] = []
  const players: Player[] = []
  for (const contender of contenders) {
    progress(`${contender.name}: warm-up`)
    const opened = await openOrLeaveOut(contender, leftOut)
    if (!opened) continue
    stack.use(opened)
    await opened.round(names)
    players.push({
      name: contender.name,
      opened,
      values: Object.fromEntries(names.map(name => [name, []])),
    })
  }
  const together = apart ? names.map(name => [name]) : [names]
  for (let round = 0; round < rounds; round++) {
    for (const some of together) {
      // Another one begins each time, so that none has the best place.
      for (let turn = 0; turn < players.length; turn++) {
        const { name, opened, values } = players[(round + turn) % players.length]!
        progress(`${name}: round ${round + 1} of ${rounds}${apart ? `, ${some[0]}` : ''}`)
        const figures = await opened.round(some)
        for (const each of some) values[each]!.push(figures[each]!)
      }
    }
  }
  return { values: new Map(players.map(({ name, values }) => [name, values])), leftOut }
}

async function openOrLeaveOut(
  contender: Contender<string>,
  leftOut: LeftOut[],
): Promise<Running<string> | undefined> {
  try {
    return await contender.open()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    leftOut.push({ contender: contender.name, reason: error.message })
    return undefined
  }
}

function row(name: string, { cases, contenders }: Trial, values: Values): Row {
  const measure = cases[name]!
  const results = Object.fromEntries(
    [...values].map(([contender, figures]) => [contender, figuresOf(figures[name]!)]),
  )
  const rawNames = new Set(contenders.filter(({ raw }) => raw).map(contender => contender.name))
  const { bestPeer, ratio, raw, rawRatio } = compare(results, measure, rawNames)
  return {
    case: name,
    unit: measure.unit,
    better: measure.better,
    results,
    best_peer: bestPeer,
    ratio,
    ...(raw !== null && {
      raw,
      raw_ratio: rawRatio,
      misses: Object.keys(results).some(isOurs) ? missed(measure, ratio, bestPeer, rawRatio, raw) : [],
    }),
  }
}

function missed(
  { mostToRaw }: Measure,
  ratio: number | null,
  bestPeer: string | null,
  rawRatio: number | null,
  raw: string,
): string[] {
  const misses: string[] = []
  if (ratio !== null && ratio < 1) misses.push(`behind ${bestPeer}`)
  if (mostToRaw !== undefined && rawRatio !== null && 1 / rawRatio > mostToRaw) {
    misses.push(`${(1 / rawRatio).toFixed(2)} × the cost of ${raw}, where ${mostToRaw} is the aim`)
  }
  return misses
}
