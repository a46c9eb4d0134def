import { callers } from '../callers.ts'

/** Takes one unit of the quota of `key`; whether it was allowed. */
export type Take = (key: string) => Promise<boolean>

/** How a contender limits: every key has `limit` units for a day. */
export interface Taker extends AsyncDisposable {
  /** Of a quota that no round uses up. */
  readonly ample: Take
  /** Of a quota of `scarceLimit`. */
  readonly scarce: Take
}

export const ampleLimit = 100_000_000
export const scarceLimit = 100
/** In a text, as contenders take it. */
export const windowSeconds = 86_400

let rounds = 0

type Work = (taker: Taker) => Promise<number>

const works: Readonly<Record<string, Work>> = {
  'one key, one caller': taker => allowed(1, taker, round => round),
  'one key, 50 callers': taker => allowed(50, taker, round => round),
  '10,000 keys, 50 callers': taker => allowed(50, taker, (_, index) => `customer-${index % 10_000}`),
  'denied, 50 callers': denied,
}

/** The cases of an engine, by the names that the report has. */
export function casesOf(engine: string): Record<string, Work> {
  return Object.fromEntries(Object.entries(works).map(([name, work]) => [`${engine}: ${name}`, work]))
}

function allowed(count: number, { ample }: Taker, keyOf: (round: string, index: number) => string) {
  const round = `round-${++rounds}`
  return callers(count, async index => {
    if (!(await ample(keyOf(round, index)))) throw new Error('It refused what fits.')
  })
}

async function denied({ scarce }: Taker): Promise<number> {
  const key = `round-${++rounds}`
  for (let taken = 0; taken < scarceLimit; taken++)
    if (!(await scarce(key))) throw new Error('It refused what fits.')
  return callers(50, async () => {
    if (await scarce(key)) throw new Error('It allowed more than the limit.')
  })
}
