import { faint, red } from '../colour.ts'
import { exitCode, UsageError } from '../command.ts'
import { table } from '../table.ts'
import { unknownText } from '../unknown.ts'
import type { ConfigView } from './view.ts'

/** One setting: what it is for, what is allowed, and which source overrides which. `KEY` is its key or its variable. */
export const explain: ConfigView = {
  parameters: ['KEY'],
  show({ settings, problems }, [name = ''], colours) {
    const setting = settings.find(({ key, variable }) => key === name || variable === name)
    if (!setting) {
      const meantVariable = /^[A-Z][A-Z\d_]*$/.test(name)
      const names = settings.map(({ key, variable }) => (meantVariable ? variable : key))
      throw new UsageError(unknownText('setting', name, names))
    }
    const { key, variable, secret, about, allowed, value, origins } = setting
    const own = problems.filter(problem => problem.key === key)
    const facts = [
      ['Variable', variable],
      ...(about ? [['About', about]] : []),
      ...(allowed ? [['Allowed', allowed]] : []),
      ...(secret ? [['Secret', 'yes: its value is never shown']] : []),
      ['Value', value ?? '(none)'],
    ]
    const chain = origins.map(({ at, value: given }, index) => [
      index === 0 ? '→' : ' ',
      at,
      given,
      index === 0 ? '' : faint('overridden', colours),
    ])
    const complaints = own.map(
      ({ message, hint }) => `\n${red(message, colours)}${hint ? `\n${hint}` : ''}\n`,
    )
    return {
      text: `${key}\n\n${table(facts)}\n${chain.length > 0 ? table(chain) : 'No source has it.\n'}${complaints.join('')}`,
      data: { ...setting, value: value ?? null, problems: own },
      code: own.length > 0 ? exitCode.problem : exitCode.ok,
    }
  },
}
