import { engineNames, findEngine, isServer } from '../find.ts'
import { servers } from '../servers/index.ts'
import { messageOf } from '../text.ts'
import { startServer } from './throwaway.ts'

/**
 * Starts a server of each kind that is installed and does not run, and names it in `env`, for processes that are started with
 * it. Disposing of the result stops them. One that does not start stays missing, and `print` is told why.
 */
export async function startInstalled(
  env: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack()
  for (const name of engineNames.filter(isServer)) {
    const { at, where } = await findEngine(name, env)
    if (at !== undefined || where !== 'installed') continue
    const { variable } = servers[name]
    try {
      env[variable] = stack.use(await startServer(name, { env })).url
      stack.defer(() => {
        delete env[variable]
      })
      print(`started ${name} for this run; npm run engines -- up ${name} keeps one`)
    } catch (error) {
      print(`${name} did not start: ${messageOf(error)}`)
    }
  }
  return stack
}
