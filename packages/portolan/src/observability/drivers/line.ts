import type { LogDriver } from '../driver.ts'
import { formatLine } from '../line.ts'

/** What lines are written to; `process.stderr` fits. */
export interface TextDestination {
  write(text: string): unknown
  /** Whether it is a terminal. */
  readonly isTTY?: boolean
  /** Whether that terminal wants colours; Node's answers for `NO_COLOR`, too. */
  hasColors?(): boolean
}

/** Lines for people. `colour`: default, whether the destination has colours. */
export function lineDriver(
  destination: TextDestination,
  colour: 'always' | 'never' | 'auto' = 'auto',
): LogDriver {
  const coloured =
    colour === 'auto' ? (destination.isTTY && destination.hasColors?.()) === true : colour === 'always'
  return { write: record => void destination.write(formatLine(record, coloured)) }
}
