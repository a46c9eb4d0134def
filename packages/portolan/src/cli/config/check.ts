import { problemsText } from '../../config/problem.ts'
import { faint, red } from '../colour.ts'
import { exitCode } from '../command.ts'
import type { ConfigView } from './view.ts'

/** Every mistake at once. */
export const check: ConfigView = {
  parameters: [],
  show({ profile, settings, problems, warnings }, _, colours) {
    const suspicions = warnings
      .map(({ at, message, hint }) => `Warning: ${at}: ${message} ${hint ?? ''}\n`)
      .join('')
    const verdict =
      problems.length > 0
        ? `${red(problemsText(problems), colours)}\n`
        : `The configuration is fine: ${settings.length} settings, profile ${profile}.\n`
    return {
      text: verdict + (suspicions && faint(suspicions, colours)),
      data: { ok: problems.length === 0, profile, problems, warnings },
      code: problems.length > 0 ? exitCode.problem : exitCode.ok,
    }
  },
}
