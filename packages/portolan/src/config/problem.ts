import { InfrastructureError } from '../ports/errors.ts'

/** One thing that is wrong with a configuration. Holds no secret. */
export interface ConfigProblem {
  /** The setting: `mail.host`. */
  readonly key?: string
  readonly variable?: string
  /** Where: `.env:4`, `portolan.config.json:2`, `environment`, `--port`. */
  readonly at?: string
  readonly found?: string
  readonly allowed?: string
  readonly message: string
  readonly hint?: string
}

/** The error that holds all problems: `invalid_argument`, with `details.problems: ConfigProblem[]`. */
export function configError(problems: readonly ConfigProblem[]): InfrastructureError {
  return new InfrastructureError('invalid_argument', problemsText(problems), { details: { problems } })
}

/** All problems, one a line, with hints below. */
export function problemsText(problems: readonly ConfigProblem[]): string {
  const heading =
    problems.length === 1
      ? 'The configuration has a problem:'
      : `The configuration has ${problems.length} problems:`
  return [heading, ...problems.map(line)].join('\n')
}

function line({ key, variable, at, message, hint }: ConfigProblem): string {
  const subject = key === undefined ? '' : `${key}${variable ? ` (${variable})` : ''}`
  const place = at === undefined ? '' : subject ? ` in ${at}` : at
  return `  - ${subject}${place}: ${message}${hint ? `\n    ${hint}` : ''}`
}
