import { type EngineName, isServer } from '../find.ts'
import { runningInBackground, stopInBackground } from '../own/background.ts'
import { servers } from '../servers/index.ts'
import { messageOf } from '../text.ts'
import type { Output } from './output.ts'
import { paint, waiting } from './terminal.ts'

/** Stops those that `up` started. 1 when one does not stop. */
export async function down(names: readonly EngineName[], output: Output): Promise<number> {
  const stopped: string[] = []
  let failed = false
  for (const name of names.filter(isServer)) {
    const running = runningInBackground(servers[name])
    if (!running) {
      output.say(`${name}: none runs that up started; nothing to stop`)
      continue
    }
    try {
      await waiting(`${name}: stopping`, stopInBackground(servers[name], running))
      stopped.push(name)
      output.say(`${paint('green', name)}: stopped (pid ${running.pid}); its data stay in ${running.folder}`)
    } catch (error) {
      failed = true
      console.error(messageOf(error))
    }
  }
  output.result({ stopped })
  return failed ? 1 : 0
}
