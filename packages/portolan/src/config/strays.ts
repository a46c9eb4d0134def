import { closest, editDistance } from '../runtime/spelling.ts'
import type { ConfigProblem } from './problem.ts'
import type { Stray } from './sources/source.ts'

export interface UnsetVariable {
  readonly variable: string
  readonly required: boolean
}

export interface Misspellings {
  /** For required settings that are missing, by variable. */
  readonly hints: ReadonlyMap<string, string>
  /** In the application's own `.env` files, for settings that would fall back to their default. */
  readonly problems: readonly ConfigProblem[]
  /** The same in the environment, where other programs have their variables too. */
  readonly warnings: readonly ConfigProblem[]
}

/** Which variables that no setting uses were probably meant for a setting that is not set. Says nothing where two are equally near. */
export function misspelt(strays: readonly Stray[], unset: readonly UnsetVariable[]): Misspellings {
  const hints = new Map<string, string>()
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []
  for (const { variable, required } of unset) {
    const own = nearest(
      variable,
      strays.filter(({ kind }) => kind === 'dotenv'),
      required,
    )
    const stray =
      own ??
      nearest(
        variable,
        strays.filter(({ kind }) => kind !== 'dotenv'),
        required,
      )
    if (!stray) continue
    const { name, at } = stray
    if (required) hints.set(variable, `Did you mean ${variable} where ${at} has ${name}?`)
    else {
      const problem = { at, message: `no setting uses ${name}.`, hint: `Did you mean ${variable}?` }
      if (own) problems.push(problem)
      else warnings.push(problem)
    }
  }
  return { hints, problems, warnings }
}

/** For a missing value a hint costs nothing; without one, only two letters may differ, and more than digits must (`WORKER_1`, `WORKER_2`). */
function nearest(variable: string, strays: readonly Stray[], required: boolean): Stray | undefined {
  const name = closest(variable, new Set(strays.map(stray => stray.name)))
  if (name === undefined) return undefined
  const sure = editDistance(name, variable) <= 2 && name.replace(/\d/g, '') !== variable.replace(/\d/g, '')
  return required || sure ? strays.find(stray => stray.name === name) : undefined
}
