import { problemsText } from '../../config/problem.ts'
import { red } from '../colour.ts'
import { exitCode } from '../command.ts'
import { table } from '../table.ts'
import type { ConfigView } from './view.ts'

/** Every value, and where it comes from. */
export const print: ConfigView = {
  parameters: [],
  show({ profile, settings, problems }, _, colours) {
    const rows = settings.map(({ key, value, origins }) => [
      key,
      value ?? '(none)',
      origins[0]?.at ?? 'not set',
    ])
    const complaint = problems.length > 0 ? `\n${red(problemsText(problems), colours)}\n` : ''
    return {
      text: `${table(rows)}\nProfile: ${profile}\n${complaint}`,
      data: {
        profile,
        settings: settings.map(({ key, variable, secret, value, origins }) => ({
          key,
          variable,
          secret,
          value: value ?? null,
          at: origins[0]?.at ?? null,
        })),
        problems,
      },
      code: problems.length > 0 ? exitCode.problem : exitCode.ok,
    }
  },
}
