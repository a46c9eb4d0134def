import { type EngineName, isServer } from '../find.ts'
import { servers } from '../servers/index.ts'
import type { ServerEngine } from '../servers/server.ts'
import { messageOf } from '../text.ts'
import type { Output } from './output.ts'
import { paint, waiting } from './terminal.ts'

/** Downloads those that no package of the system has. 1 when one cannot be had. */
export async function fetch(names: readonly EngineName[], output: Output): Promise<number> {
  const fetched: string[] = []
  let failed = false
  for (const name of names.filter(isServer)) {
    const server: ServerEngine = servers[name]
    if (!server.fetch) continue
    try {
      await waiting(`${name}: downloading what is not there yet`, server.fetch(process.env))
      fetched.push(name)
      output.say(`${paint('green', name)}: is there to be started`)
    } catch (error) {
      failed = true
      console.error(`${name} cannot be downloaded: ${messageOf(error)}`)
    }
  }
  output.result({ fetched })
  return failed ? 1 : 0
}
