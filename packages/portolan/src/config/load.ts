import type { Logger } from '../ports/logger.ts'
import { Redacted } from '../runtime/redacted.ts'
import type { Redactor } from '../runtime/redactor.ts'
import { check, issuesText } from '../runtime/validation.ts'
import { assemble, frozen } from './assemble.ts'
import {
  type BrokenRule,
  type ConfigDefinition,
  type Fields,
  type KeyedSetting,
  settingsOf,
  type Values,
} from './definition.ts'
import { attachDescription, type DescribedSetting } from './describe.ts'
import { display, displayMessage } from './display.ts'
import { type ConfigProblem, configError } from './problem.ts'
import { openSources, type SourceOptions } from './sources/index.ts'
import type { Finding, Source } from './sources/source.ts'
import { misspelt } from './strays.ts'

export interface LoadOptions extends SourceOptions {
  /** Learns every secret, so that logs can be kept free of them. */
  readonly redactor?: Redactor
  /** Hears of variables in the environment that look misspelt. */
  readonly logger?: Logger
}

/** What was found, right or wrong. */
export interface ConfigReading<Config> {
  readonly profile: string
  readonly settings: readonly DescribedSetting[]
  readonly problems: readonly ConfigProblem[]
  /** Suspicions that do not keep anything from starting. */
  readonly warnings: readonly ConfigProblem[]
  /** Only there without problems. */
  readonly config?: Config
}

/**
 * The typed, frozen configuration. Sources, from the weakest: defaults, `<name>.config.json`, `<name>.config.<profile>.json`, `.env`, `.env.local`,
 * `.env.<profile>`, environment, flags.
 *
 * @throws InfrastructureError `invalid_argument` with all problems at once, in the message and as `details.problems`.
 *
 * @example
 * const config = await loadConfig(ShopConfig)
 */
export async function loadConfig<F extends Fields>(
  definition: ConfigDefinition<F>,
  options: LoadOptions = {},
): Promise<Values<F>> {
  const { config, problems, warnings } = await readConfig(definition, options)
  for (const { message, ...fields } of warnings) options.logger?.warn(`Configuration: ${message}`, fields)
  if (config === undefined) throw configError(problems)
  return config
}

/** Like {@link loadConfig}, but reports problems instead of throwing them. For commands. */
export async function readConfig<F extends Fields>(
  definition: ConfigDefinition<F>,
  options: LoadOptions = {},
): Promise<ConfigReading<Values<F>>> {
  const { profile, sources } = await openSources(definition, options)
  const keyed = settingsOf(definition.fields)
  const results = await Promise.all(keyed.map(one => resolveSetting(one, sources)))
  const unset = results
    .filter(({ given }) => !given)
    .map(({ problem, keyed: { setting } }) => ({
      variable: setting.variable,
      required: problem !== undefined,
    }))
  const {
    hints,
    problems: misspellings,
    warnings,
  } = misspelt(
    sources.flatMap(({ strays }) => strays),
    unset,
  )

  const problems = [
    ...results.flatMap(({ problem, given }) => {
      if (!problem) return []
      const hint = given ? undefined : hints.get(problem.variable!)
      return [hint ? { ...problem, hint } : problem]
    }),
    ...sources.flatMap(source => source.problems),
    ...misspellings,
  ]
  const settings = results.map(({ described }) => described)
  if (problems.length > 0) return { profile, settings, problems, warnings }

  const secrets = results.flatMap(({ value }) => (value instanceof Redacted ? [value] : []))
  for (const value of secrets) options.redactor?.add(value)
  const values = new Map(results.map(({ keyed: { key }, value }) => [key, value]))
  // The walk follows the definition, so that its shape is that of the values; the compiler cannot see this.
  const config = assemble(definition.fields, values) as Values<F>
  const broken = definition.rules(config).map(rule => withVariable(rule, keyed))
  if (broken.length > 0) return { profile, settings, problems: broken, warnings }
  return { profile, settings, problems, warnings, config: attachDescription(config, settings) }
}

function withVariable(rule: BrokenRule, keyed: readonly KeyedSetting[]): ConfigProblem {
  const variable = keyed.find(({ key }) => key === rule.key)?.setting.variable
  return variable ? { ...rule, variable } : rule
}

interface Resolved {
  readonly keyed: KeyedSetting
  /** Whether any source other than the default has it. */
  readonly given: boolean
  readonly value: unknown
  readonly problem: ConfigProblem | undefined
  readonly described: DescribedSetting
}

async function resolveSetting(keyed: KeyedSetting, sources: readonly Source[]): Promise<Resolved> {
  const { key, setting } = keyed
  const { variable, schema, about } = setting
  const secret = setting.kind === 'secret'
  const findings: Finding[] = sources.flatMap(source => source.find(keyed)).reverse()
  const given = findings.length > 0
  if (setting.default !== undefined) findings.push({ kind: 'default', at: 'default', value: setting.default })

  const winner = findings[0]
  const result = await check(schema, winner?.value)
  const expects = 'expects' in schema && typeof schema.expects === 'string' ? schema.expects : undefined
  const described = {
    key,
    variable,
    secret,
    about,
    allowed: expects ?? '',
    value: result.ok ? display(result.value, secret) : undefined,
    origins: findings.map(({ kind, at, value }) => ({ kind, at, value: display(value, secret) })),
  }
  if (result.ok) {
    const value = secret && result.value !== undefined ? new Redacted(result.value) : frozen(result.value)
    return { keyed, given, value, problem: undefined, described }
  }
  const issues = displayMessage(issuesText(result.issues), winner?.value, secret)
  return { keyed, given, value: undefined, problem: problemOf(), described }

  function problemOf(): ConfigProblem {
    const allowed = expects ?? issues
    if (!winner) {
      const use = about && ` ${about.replace(/\.?$/, '.')}`
      return {
        key,
        variable,
        allowed,
        message: `missing. Set ${variable} to ${expects ?? `a value (${issues})`}.${use}`,
      }
    }
    const found = display(winner.value, secret)
    const message = expects ? `found ${found}, allowed is ${expects}.` : `found ${found}: ${issues}.`
    return { key, variable, at: winner.at, found, allowed, message }
  }
}
