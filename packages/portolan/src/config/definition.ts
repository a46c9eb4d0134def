import { InfrastructureError } from '../ports/errors.ts'
import type { Schema, SchemaInput, SchemaOutput } from '../ports/schema.ts'
import type { Secret } from '../ports/secret.ts'
import { flagName } from './flag-name.ts'

export interface SettingOptions<Input> {
  /** Used when no source has a value; goes through the schema like any other. Without one, the setting is required. */
  readonly default?: Input
  /** What it is for, in a sentence: `portolan config docs` and the error of a missing value show it. */
  readonly about?: string
  /** The name of its command-line flag, without the dashes: `database` is given as `--database`. Default: its key, as in `--database-url`. */
  readonly flag?: string
}

/** One value of a configuration. Made by {@link setting} and {@link secret}. */
export interface Setting<
  S extends Schema = Schema,
  Kind extends 'setting' | 'secret' = 'setting' | 'secret',
> {
  readonly kind: Kind
  /** Its environment variable. */
  readonly variable: string
  readonly schema: S
  readonly default: SchemaInput<S> | undefined
  readonly about: string
  readonly flag?: string
}

/** Settings by key, in groups as deep as they need to be. */
export interface Fields {
  readonly [key: string]: Setting | Fields
}

/** What `loadConfig` yields for a definition. */
export type Values<F> = {
  readonly [Key in keyof F]: F[Key] extends Setting<infer S, infer Kind>
    ? Kind extends 'secret'
      ? Concealed<SchemaOutput<S>>
      : SchemaOutput<S>
    : Values<F[Key]>
}

/** An optional secret that is not there is `undefined`, not a secret around it. */
type Concealed<T> = Secret<Exclude<T, undefined>> | Extract<T, undefined>

/** A described configuration. Made by {@link defineConfig}. */
export interface ConfigDefinition<F = Fields> {
  /** Its files are `<name>.config.json` and `<name>.config.<profile>.json`. */
  readonly name: string
  readonly fields: F
  /** What is wrong between settings that are each fine. */
  rules(config: Values<F>): readonly BrokenRule[]
}

/** A rule between settings that does not hold. */
export interface BrokenRule {
  /** The setting to change: `staffPassword`. */
  readonly key?: string
  /** What is wrong, without secrets. */
  readonly message: string
  /** What to do. */
  readonly hint?: string
}

export interface DefinitionOptions<F> {
  /** Default `portolan`. */
  readonly name?: string
  /** Called when every setting is fine on its own; what it returns is reported like any other problem. */
  rules?(config: Values<F>): readonly BrokenRule[]
}

/** The values of a definition: `type HubConfig = ConfigOf<typeof HubConfig>`. */
export type ConfigOf<D extends ConfigDefinition<unknown>> = Values<D['fields']>

// A registered symbol, so that the CLI knows a definition that another copy of the package made.
const brand = Symbol.for('portolan.ConfigDefinition')

/**
 * Describes the configuration of an application. Pure: nothing is read before `loadConfig`.
 *
 * @throws InfrastructureError `invalid_argument` when two settings have one variable or one flag, or a key has a dot.
 *
 * @example
 * export const ShopConfig = defineConfig({
 *   databaseUrl: setting('DATABASE_URL', url(), { default: 'sqlite:shop.db', about: 'Where the shop keeps its data' }),
 *   mail: { host: setting('MAIL_HOST', string()), password: secret('MAIL_PASSWORD', string()) },
 * })
 */
export function defineConfig<const F extends Fields>(
  fields: F,
  options: DefinitionOptions<F> = {},
): ConfigDefinition<F> {
  refuseAmbiguous(fields)
  return Object.freeze({
    name: options.name ?? 'portolan',
    fields,
    rules: (config: Values<F>) => options.rules?.(config) ?? [],
    [brand]: true,
  })
}

/** A setting that anyone may see. */
export function setting<S extends Schema>(
  variable: string,
  schema: S,
  options: SettingOptions<SchemaInput<S>> = {},
): Setting<S, 'setting'> {
  return { kind: 'setting', ...described(variable, schema, options) }
}

/** A setting that nobody may see: its value is a {@link Secret}, and no message or command shows what was given. */
export function secret<S extends Schema>(
  variable: string,
  schema: S,
  options: SettingOptions<SchemaInput<S>> = {},
): Setting<S, 'secret'> {
  return { kind: 'secret', ...described(variable, schema, options) }
}

function described<S extends Schema>(
  variable: string,
  schema: S,
  { default: standard, about = '', flag }: SettingOptions<SchemaInput<S>>,
): Omit<Setting<S>, 'kind'> {
  return { variable, schema, default: standard, about, ...(flag !== undefined && { flag }) }
}

/** Whether `value` came from {@link defineConfig}. */
export function isConfigDefinition(value: unknown): value is ConfigDefinition {
  return typeof value === 'object' && value !== null && brand in value
}

/** A setting with its place: `mail.host`. */
export interface KeyedSetting {
  readonly key: string
  readonly path: readonly string[]
  readonly setting: Setting
}

/** The name of the flag of a setting: that of `mail.replyTo` is `mail-reply-to`. */
export function flagOf({ key, setting }: KeyedSetting): string {
  return flagName(setting.flag ?? key)
}

/** All settings, in order of definition. */
export function settingsOf(fields: Fields, path: readonly string[] = []): KeyedSetting[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const here = [...path, name]
    return isSetting(field) ? [{ key: here.join('.'), path: here, setting: field }] : settingsOf(field, here)
  })
}

function isSetting(field: Setting | Fields): field is Setting {
  return (field.kind === 'setting' || field.kind === 'secret') && typeof field.variable === 'string'
}

function refuseAmbiguous(fields: Fields): void {
  const variables = new Map<string, string>()
  const flags = new Map<string, string>()
  for (const keyed of settingsOf(fields)) {
    const { key, path, setting } = keyed
    const flag = flagOf(keyed)
    const [namesake, double] = [variables.get(setting.variable), flags.get(flag)]
    const mistake = namesake
      ? `'${namesake}' and '${key}' both have the variable ${setting.variable}; give each its own.`
      : path.some(part => part.includes('.'))
        ? `The key '${key}' has a dot in it; make a group instead.`
        : double
          ? `'${double}' and '${key}' both have the flag --${flag}; give each its own.`
          : undefined
    if (mistake) throw new InfrastructureError('invalid_argument', `defineConfig: ${mistake}`)
    variables.set(setting.variable, key)
    flags.set(flag, key)
  }
}
