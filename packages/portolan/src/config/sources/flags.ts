import { closest } from '../../runtime/spelling.ts'
import type { KeyedSetting } from '../definition.ts'
import type { Source } from './source.ts'

/** Command-line flags as `parseArgs` yields them. Unknown ones are problems. */
export function flagsSource(
  flags: Readonly<Record<string, unknown>>,
  settings: readonly KeyedSetting[],
): Source {
  const given = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: flagName(name), value }],
  )
  const names = settings.map(({ key }) => flagName(key))
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
    find: ({ key }) =>
      given
        .filter(({ name }) => name === flagName(key))
        .map(({ name, value }) => ({ kind: 'flag', at: `--${name}`, value })),
    strays: [],
    problems,
  }
}

/** The flag of a key: `mail.replyTo` is `--mail-reply-to`. */
function flagName(key: string): string {
  return key.replaceAll('.', '-').replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
