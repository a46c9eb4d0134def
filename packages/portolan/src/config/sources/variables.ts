import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { KeyedSetting } from '../definition.ts'
import { parseDotenv } from '../dotenv.ts'
import type { ConfigProblem } from '../problem.ts'
import type { Finding, Source, SourceKind, Stray } from './source.ts'

interface Variable {
  readonly name: string
  readonly value: string
  readonly at: string
}

/** The process's environment, or what stands for it. */
export function environmentSource(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
  settings: readonly KeyedSetting[],
): Promise<Source> {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value, at: 'environment' }],
  )
  return variablesSource('environment', variables, [], directory, settings)
}

/** A `.env` file. */
export function dotenvSource(
  text: string,
  label: string,
  directory: string,
  settings: readonly KeyedSetting[],
): Promise<Source> {
  const { entries, mistakes } = parseDotenv(text)
  const variables = entries.map(({ name, value, line }) => ({ name, value, at: `${label}:${line}` }))
  const problems = mistakes.map(({ line, message }) => ({ at: `${label}:${line}`, message }))
  return variablesSource('dotenv', variables, problems, directory, settings)
}

/**
 * `NAME`, or `NAME_FILE` with the path of a file that holds the value (a mounted secret; one line break at its end is dropped). An
 * empty variable counts as not set: shells and Compose files make them by accident.
 */
async function variablesSource(
  kind: SourceKind,
  variables: readonly Variable[],
  mistakes: readonly ConfigProblem[],
  directory: string,
  settings: readonly KeyedSetting[],
): Promise<Source> {
  const declared = new Map(settings.map(keyed => [keyed.setting.variable, keyed]))
  const findings = new Map<string, Finding[]>()
  const strays: Stray[] = []
  const problems = [...mistakes]
  const add = (name: string, finding: Finding) => {
    const known = findings.get(name)
    if (known) known.push(finding)
    else findings.set(name, [finding])
  }
  for (const { name, value, at } of variables) {
    const target = name.endsWith('_FILE') ? declared.get(name.slice(0, -'_FILE'.length)) : undefined
    if (declared.has(name)) {
      if (value !== '') add(name, { kind, at, value })
    } else if (!target) strays.push({ kind, name, at })
    else if (value !== '') {
      const { variable } = target.setting
      if (variables.some(other => other.name === variable && other.value !== '')) {
        problems.push({
          key: target.key,
          variable,
          at,
          message: `both ${variable} and ${name} are set.`,
          hint: 'Remove one of them.',
        })
        continue
      }
      try {
        const content = await readFile(resolve(directory, value), 'utf8')
        add(variable, { kind, at: `${value} (${name} in ${at})`, value: content.replace(/\r?\n$/, '') })
      } catch (error) {
        const { code = 'unknown error' } = error as NodeJS.ErrnoException
        problems.push({
          key: target.key,
          variable,
          at,
          message: `${name} names a file that cannot be read (${code}): ${value}`,
        })
      }
    }
  }
  return { find: ({ setting }) => findings.get(setting.variable) ?? [], strays, problems }
}
