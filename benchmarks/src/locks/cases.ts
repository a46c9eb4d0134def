import { callers } from '../callers.ts'

/** Takes locks, each for as long as it takes, and holds it while `work` runs. */
export interface Locker extends AsyncDisposable {
  with(name: string, work: () => Promise<void>): Promise<void>
}

let rounds = 0

type Work = (locker: Locker) => Promise<number>

const works: Readonly<Record<string, Work>> = {
  'a free lock, one caller': locker => excluded(1, locker, (round, index) => `${round}-${index % 100}`),
  'free locks, 50 callers': locker => excluded(50, locker, (round, index) => `${round}-${index}`),
  'one lock, 50 callers': locker => excluded(50, locker, round => round),
}

/** The cases of an engine, by the names that the report has: each lock is taken and released. */
export function casesOf(engine: string): Record<string, Work> {
  return Object.fromEntries(Object.entries(works).map(([name, work]) => [`${engine}: ${name}`, work]))
}

function excluded(count: number, locker: Locker, nameOf: (round: string, index: number) => string) {
  const round = `round-${++rounds}`
  const working = new Set<string>()
  return callers(count, async index => {
    const name = nameOf(round, index)
    let worked = false
    await locker.with(name, async () => {
      if (working.has(name)) throw new Error('Two worked at the same time.')
      working.add(name)
      // Others get a chance to come in.
      await Promise.resolve()
      working.delete(name)
      worked = true
    })
    if (!worked) throw new Error('Nothing was done under the lock.')
  })
}
