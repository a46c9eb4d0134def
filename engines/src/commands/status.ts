import type { Engine, Where } from '../engine.ts'
import { type EngineName, findEngine } from '../find.ts'
import { withoutPassword } from '../text.ts'
import type { Output } from './output.ts'
import { columns, paint } from './terminal.ts'

const places: Record<Where, string> = {
  environment: 'environment',
  started: 'started by up',
  port: 'standard port',
  installed: 'installed',
}

/** What is there, and what to do about the rest. 1 when something is missing. */
export async function status(names: readonly EngineName[], output: Output): Promise<number> {
  const engines = await Promise.all(names.map(name => findEngine(name)))
  output.result({ engines: engines.map(shown) })
  output.say(table(engines))
  const missing = engines.filter(({ at }) => at === undefined)
  if (missing.length > 0) output.say('')
  for (const { name, problem, hint } of missing) {
    const why = problem === undefined ? '' : `${problem}; `
    output.say(`${paint('yellow', name)}: ${why}${hint}`)
  }
  return missing.length === 0 ? 0 : 1
}

/** An engine as others may see it: without a password. */
export const shown = ({ name, at, where, url, version, problem, hint }: Engine) => ({
  name,
  usable: at !== undefined,
  where,
  version,
  url: url === undefined ? undefined : withoutPassword(url),
  path: url === undefined ? at : undefined,
  problem,
  hint: at === undefined ? hint : undefined,
})

function table(engines: readonly Engine[]): string {
  const heads = ['ENGINE', 'FOUND', 'VERSION', 'WHERE'].map(head => paint('bold', head))
  const rows = engines.map(({ name, at, where, url, version }) => [
    name,
    at === undefined
      ? paint('yellow', where === 'installed' ? 'installed, not running' : 'not found')
      : paint('green', places[where!]),
    version ?? '',
    url === undefined ? (at ?? '') : withoutPassword(url),
  ])
  return columns([heads, ...rows])
}
