import type { KeyedSetting } from '../definition.ts'
import type { ConfigProblem } from '../problem.ts'

export type SourceKind = 'default' | 'file' | 'dotenv' | 'environment' | 'flag'

/** A value that a source has for a setting. */
export interface Finding {
  readonly kind: SourceKind
  /** Where: `.env:4`, `portolan.config.json:2`, `environment`, `--port`. */
  readonly at: string
  readonly value: unknown
}

/** A variable that no setting uses: perhaps a misspelt one. */
export interface Stray {
  readonly kind: SourceKind
  readonly name: string
  readonly at: string
}

/** What one source has. Sources come in order: a later one overrides an earlier one. */
export interface Source {
  /** In order; the last one counts. */
  find(setting: KeyedSetting): readonly Finding[]
  readonly strays: readonly Stray[]
  readonly problems: readonly ConfigProblem[]
}
