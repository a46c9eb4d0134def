import type { DownOptions } from '../../persistence/migrator.ts'
import { UsageError } from '../command.ts'
import type { ActionOptions } from './action.ts'

/** How far to undo: one, `--steps N`, `--to NAME` or `--all`. */
export function reach({ steps, to, all }: ActionOptions): DownOptions {
  const given = [steps !== undefined, to !== undefined, all].filter(Boolean).length
  if (given > 1) throw new UsageError('Give one of --steps, --to and --all.')
  if (to !== undefined) return { to }
  if (all) return { steps: Number.POSITIVE_INFINITY }
  if (steps === undefined) return { steps: 1 }
  if (!/^[1-9]\d{0,5}$/.test(steps))
    throw new UsageError(`--steps: '${steps}' is no whole number of 1 or more.`)
  return { steps: Number(steps) }
}
