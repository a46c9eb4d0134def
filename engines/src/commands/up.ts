import type { Engine } from '../engine.ts'
import { type EngineName, findEngine, isServer, whyNot } from '../find.ts'
import { startInBackground } from '../own/background.ts'
import { type ServerName, servers } from '../servers/index.ts'
import type { ServerEngine } from '../servers/server.ts'
import { messageOf } from '../text.ts'
import type { Output } from './output.ts'
import { shown } from './status.ts'
import { paint, waiting } from './terminal.ts'

/** Starts those that are installed and do not run. 1 when one cannot be had. */
export async function up(names: readonly EngineName[], output: Output): Promise<number> {
  const engines: Engine[] = []
  for (const name of names) {
    if (isServer(name)) await fetched(name)
    engines.push(await started(await findEngine(name), output))
  }
  output.result({ engines: engines.map(shown) })
  return engines.every(({ at }) => at !== undefined) ? 0 : 1
}

/** Of one that no package has, and that is to be started here: its programs, if they are not there yet. */
async function fetched(name: ServerName): Promise<void> {
  const { fetch, installation, variable } = servers[name] as ServerEngine
  if (!fetch || process.env[variable] || installation(process.env)) return
  try {
    await waiting(`${name}: downloading`, fetch(process.env))
  } catch (error) {
    console.error(`${name} cannot be downloaded: ${messageOf(error)}`)
  }
}

async function started(engine: Engine, { say }: Output): Promise<Engine> {
  const name = engine.name as EngineName
  if (engine.at !== undefined) {
    say(`${paint('green', name)}: is there already: ${engine.at}`)
    return engine
  }
  const server = isServer(name) ? servers[name] : undefined
  const installation = engine.where === 'installed' ? server?.installation(process.env) : undefined
  if (!server || !installation) {
    console.error(`There is ${whyNot(engine)}`)
    return engine
  }
  try {
    const { url, pid, folder } = await waiting(`${name}: starting`, startInBackground(server, installation))
    const found = await findEngine(name)
    say(`${paint('green', name)}: ${found.version} answers at ${url} (pid ${pid}; data and log in ${folder})`)
    say(`  npm test finds it by itself; for others: export ${server.variable}=${url}`)
    return found
  } catch (error) {
    console.error(`${name} did not start: ${messageOf(error)}`)
    return { ...engine, problem: `it did not start: ${messageOf(error)}` }
  }
}
