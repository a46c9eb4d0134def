import type { ConfigReading } from '../../config/load.ts'

/** One way to look at a configuration. */
export interface ConfigView {
  /** What stands behind its name on the command line. */
  readonly parameters: readonly string[]
  show(
    reading: ConfigReading<unknown>,
    parameters: readonly string[],
    colours: boolean,
  ): { readonly text: string; readonly data: unknown; readonly code: number }
}
