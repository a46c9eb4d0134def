import { InfrastructureError } from '../ports/errors.ts'
import type { SourceKind } from './sources/source.ts'

/** A value that some source has for a setting, as text that may be shown. */
export interface Origin {
  readonly kind: SourceKind
  /** `.env:4`, `portolan.config.json:2`, `environment`, `--port`, `default`. */
  readonly at: string
  readonly value: string
}

/** A setting, its value, and where it comes from. Holds no secret. */
export interface DescribedSetting {
  readonly key: string
  readonly variable: string
  readonly secret: boolean
  readonly about: string
  /** What is allowed; empty when the schema does not tell. */
  readonly allowed: string
  /** `undefined` when it is missing or wrong. */
  readonly value: string | undefined
  /** The one that counts first, then those that it overrides. */
  readonly origins: readonly Origin[]
}

const description = Symbol.for('portolan.ConfigDescription')

/**
 * Where every value of a loaded configuration comes from.
 *
 * @throws InfrastructureError `invalid_argument` for an object that `loadConfig` did not make.
 */
export function describe(config: object): readonly DescribedSetting[] {
  const settings: unknown = Reflect.get(config, description)
  if (Array.isArray(settings)) return settings
  throw new InfrastructureError(
    'invalid_argument',
    'This is no configuration that loadConfig made; a copy of one does not know where its values come from.',
  )
}

/** Freezes `config` with its description, which is not enumerable, so that it shows up neither in copies nor in logs. */
export function attachDescription<C extends object>(config: C, settings: readonly DescribedSetting[]): C {
  return Object.freeze(Object.defineProperty(config, description, { value: settings }))
}
