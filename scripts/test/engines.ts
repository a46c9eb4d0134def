import { type Engine, embeddedEngines, enginesRequired, findEngines, whyNot } from 'portolan-engines'
import { count } from '../lib/terminal.ts'
import type { Stage } from './stage.ts'

/** Fails when every engine is required and one is missing. */
export const engines: Stage = {
  name: 'engines',
  async run() {
    const missing = (await findEngines()).filter(({ at }) => at === undefined)
    const summary = missing.length === 0 ? 'none missing' : `${count(missing.length, 'engine')} missing`
    if (!enginesRequired() || missing.length === 0) return { ok: true, summary }
    const details = missing.map(engine => `PORTOLAN_ENGINES=required, and there is ${whyNot(engine)}`)
    return { ok: false, summary, details: details.join('\n') }
  },
}

/** Which real engines the tests ran against, and which they did not find. */
export async function enginesLine(): Promise<string> {
  const all = await findEngines()
  const found = all.filter(({ at }) => at !== undefined).map(described)
  const missing = all.filter(({ at }) => at === undefined).map(({ name }) => name)
  const embedded = `embedded (${embeddedEngines.join(', ')})`
  return `engines: ${[embedded, ...found].join(', ')}; not found: ${missing.join(', ') || 'none'}`
}

const described = ({ name, at, version }: Engine): string =>
  `${name} (${version === undefined ? at : `${version} at ${at}`})`
