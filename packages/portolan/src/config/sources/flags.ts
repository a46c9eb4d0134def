import { closest } from '../../runtime/spelling.ts'
import { flagOf, type KeyedSetting } from '../definition.ts'
import { flagName } from '../flag-name.ts'
import type { Source } from './source.ts'

/** Command-line flags as `parseArgs` yields them. Unknown ones are problems. */
export function flagsSource(
  flags: Readonly<Record<string, unknown>>,
  settings: readonly KeyedSetting[],
): Source {
  const given = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: flagName(name), value }],
  )
  const names = settings.map(flagOf)
  const problems = given
    .filter(({ name }) => !names.includes(name))
    .map(({ name }) => {
      const near = closest(name, names)
      return {
        at: `--${name}`,
        message: 'there is no such setting.',
        ...(near && { hint: `Did you mean --${near}?` }),
      }
    })
  return {
    find: setting =>
      given
        .filter(({ name }) => name === flagOf(setting))
        .map(({ name, value }) => ({ kind: 'flag', at: `--${name}`, value })),
    strays: [],
    problems,
  }
}
