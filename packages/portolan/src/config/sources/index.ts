import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { InfrastructureError } from '../../ports/errors.ts'
import { type ConfigDefinition, settingsOf } from '../definition.ts'
import { flagsSource } from './flags.ts'
import { jsonFileSource } from './json-file.ts'
import type { Source } from './source.ts'
import { dotenvSource, environmentSource } from './variables.ts'

/** Where a configuration is looked for. */
export interface SourceOptions {
  /** Default `process.env`. Never changed. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where the files are. Default: the working directory. */
  readonly directory?: string
  /** The configuration file, which must then exist. Default `<name>.config.json`, if it is there. */
  readonly file?: string
  /** Default: `PORTOLAN_PROFILE`, else `NODE_ENV`, else `development`. */
  readonly profile?: string
  /** By key, as in `databaseUrl` or `database-url`, or by the flag that a setting names; what `parseArgs` yields fits. */
  readonly flags?: Readonly<Record<string, unknown>>
}

/** Everything but the defaults, from the weakest to the strongest. */
export async function openSources(
  definition: ConfigDefinition,
  options: SourceOptions,
): Promise<{ readonly profile: string; readonly sources: readonly Source[] }> {
  const env = options.env ?? process.env
  const directory = resolve(options.directory ?? '.')
  const profile = options.profile ?? (env.PORTOLAN_PROFILE || env.NODE_ENV || 'development')
  if (!/^[\w-]+$/.test(profile)) {
    throw new InfrastructureError(
      'invalid_argument',
      `The profile ${JSON.stringify(profile)} must be a word, such as development, test or production.`,
    )
  }
  const settings = settingsOf(definition.fields)
  const file = resolve(directory, options.file ?? `${definition.name}.config.json`)
  const label = (path: string) => {
    const near = relative(directory, path)
    return near.startsWith('..') ? path : near
  }
  const json = async (path: string, mustExist: boolean) => {
    const text = await readText(path, mustExist)
    return text === undefined ? [] : [jsonFileSource(text, label(path), definition.fields, settings)]
  }
  const dotenv = async (name: string) => {
    const text = await readText(resolve(directory, name), false)
    return text === undefined ? [] : [await dotenvSource(text, name, directory, settings)]
  }
  const sources = [
    await json(file, options.file !== undefined),
    await json(file.replace(/(\.json)?$/, `.${profile}.json`), false),
    await dotenv('.env'),
    await dotenv('.env.local'),
    await dotenv(`.env.${profile}`),
    [await environmentSource(env, directory, settings)],
    [flagsSource(options.flags ?? {}, settings)],
  ]
  return { profile, sources: sources.flat() }
}

async function readText(path: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !mustExist) return undefined
    throw new InfrastructureError(
      'invalid_argument',
      `The configuration file ${path} cannot be read (${code}).`,
      {
        cause: error,
      },
    )
  }
}
