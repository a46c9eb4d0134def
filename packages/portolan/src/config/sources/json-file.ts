import { closest } from '../../runtime/spelling.ts'
import type { Fields, KeyedSetting } from '../definition.ts'
import { JsonError, parseLocatedJson } from '../located-json.ts'
import type { ConfigProblem } from '../problem.ts'
import type { Finding, Source } from './source.ts'

/** A configuration file: the settings by key, in the same groups as the definition; `$schema` is free. Unknown keys are problems. */
export function jsonFileSource(
  text: string,
  label: string,
  fields: Fields,
  settings: readonly KeyedSetting[],
): Source {
  const problems: ConfigProblem[] = []
  const findings = new Map<string, Finding>()
  const groups = new Set(
    settings.flatMap(({ path }) => path.slice(0, -1).map((_, end) => path.slice(0, end + 1).join('.'))),
  )
  const keys = new Set(settings.map(({ key }) => key))
  try {
    const { value, lineOf } = parseLocatedJson(text)
    const at = (path: readonly string[]) => `${label}:${lineOf(path)}`
    const visit = (found: unknown, path: readonly string[]) => {
      const key = path.join('.')
      if (keys.has(key)) findings.set(key, { kind: 'file', at: at(path), value: found })
      else if (path.length > 0 && !groups.has(key)) {
        if (key !== '$schema') problems.push(unknownKey(key, at(path), [...keys, ...groups]))
      } else if (isObject(found))
        for (const [name, inner] of Object.entries(found)) visit(inner, [...path, name])
      else problems.push({ at: at(path), message: `expected {…} with ${known(fields, path)}.` })
    }
    visit(value, [])
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    problems.push({ at: `${label}:${error.line}`, message: `this is no JSON: ${error.message}.` })
  }
  return {
    find: ({ key }) => (findings.has(key) ? [findings.get(key)!] : []),
    strays: [],
    problems,
  }
}

function unknownKey(key: string, at: string, keys: readonly string[]): ConfigProblem {
  const near = closest(key, keys)
  return {
    at,
    message: `there is no setting '${key}'.`,
    hint: near ? `Did you mean '${near}'?` : `There are: ${keys.join(', ')}.`,
  }
}

function known(fields: Fields, path: readonly string[]): string {
  const group = path.reduce<Fields>((inner, name) => inner[name] as Fields, fields)
  return Object.keys(group).join(', ')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
