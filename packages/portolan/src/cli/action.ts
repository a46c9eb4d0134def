import { UsageError } from './command.ts'
import { unknownText } from './unknown.ts'

/**
 * The action that the first word after a command names.
 *
 * @throws UsageError for none, and for one that is not there.
 */
export function actionNamed<Action>(actions: Readonly<Record<string, Action>>, name: string): Action {
  if (name === '') throw new UsageError(`Which action? There are: ${Object.keys(actions).join(', ')}.`)
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action === undefined) throw new UsageError(unknownText('action', name, Object.keys(actions)))
  return action
}

/** @throws UsageError when `--limit` is no whole number of 1 or more. */
export function limitOf(text: string): number {
  const limit = Number(text)
  if (Number.isSafeInteger(limit) && limit >= 1) return limit
  throw new UsageError(`--limit ${text}: give a whole number of 1 or more.`)
}
