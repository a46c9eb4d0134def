import { chromiumEngine } from './chromium.ts'
import type { Engine } from './engine.ts'
import { runningInBackground } from './own/background.ts'
import { enginesRequired } from './required.ts'
import { type ServerName, servers } from './servers/index.ts'
import type { ServerEngine } from './servers/server.ts'
import { addressOf, messageOf } from './text.ts'

/** What every machine has: these come with Node. */
export const embeddedEngines: readonly string[] = ['sqlite', 'files']

export type EngineName = 'chromium' | ServerName

/** Every engine that does not come with Node, in the order in which they are shown. */
export const engineNames: readonly EngineName[] = ['chromium', ...(Object.keys(servers) as ServerName[])]

export const isServer = (name: EngineName): name is ServerName => Object.hasOwn(servers, name)

/** Looks for every engine that does not come with Node. */
export function findEngines(env: NodeJS.ProcessEnv = process.env): Promise<Engine[]> {
  return Promise.all(engineNames.map(name => findEngine(name, env)))
}

/** Looks for one: in the environment, among those that `npm run engines -- up` started, on its standard port, among what is installed. */
export async function findEngine(name: EngineName, env: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  if (name === 'chromium') return chromiumEngine(env)
  if (!isServer(name)) throw new Error(`There is no engine called '${name}', but: ${engineNames.join(', ')}.`)
  return findServer(servers[name], env)
}

/**
 * The reason to skip a test that needs `engine`, or `false` when it must run: the engine is there, or required.
 *
 * @example
 * test('two writers', { skip: await skipWithout('postgres') }, async () => { … })
 */
export async function skipWithout(
  name: EngineName,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | false> {
  const engine = await findEngine(name, env)
  return engine.at !== undefined || enginesRequired(env) ? false : whyNot(engine)
}

/** Why an engine that cannot be used cannot, and what to do. */
export const whyNot = ({ name, problem, hint }: Engine): string =>
  problem === undefined ? `no ${name} here: ${hint}` : `no ${name} to use: ${problem}; ${hint}`

/** Looks for a server; the environment decides alone when it names one. */
export async function findServer(server: ServerEngine, env: NodeJS.ProcessEnv): Promise<Engine> {
  const { name, variable } = server
  const named = env[variable]
  // What somebody named is taken at their word: another server would not be what they wanted to test.
  if (named) {
    const hint = `start it, or unset ${variable}`
    const at = addressOf(named)
    if (at === undefined) return { name, at, hint, problem: `${variable} is not a URL` }
    const answer = await ask(server, named)
    if ('version' in answer) return { name, at, where: 'environment', url: named, ...answer, hint }
    return { name, at: undefined, hint, problem: `${at}, which ${variable} names, ${answer.problem}` }
  }

  const url = `${variable}=${server.url(server.port).replace('127.0.0.1', 'HOST')}`
  const up = `npm run engines -- up ${name}`
  const ours = runningInBackground(server)
  if (ours) {
    const answer = await ask(server, ours.url)
    if ('version' in answer)
      return { name, at: addressOf(ours.url), where: 'started', url: ours.url, ...answer, hint: up }
  }

  const standard = server.url(server.port)
  const answer = await ask(server, standard)
  if ('version' in answer)
    return { name, at: addressOf(standard), where: 'port', url: standard, ...answer, hint: up }
  const closed = answer.code === 'ECONNREFUSED'
  const refusal = closed ? undefined : `127.0.0.1:${server.port} ${answer.problem}`

  if (server.installation(env) !== undefined) {
    const problem = refusal ?? 'it is installed, but does not run'
    return { name, at: undefined, where: 'installed', problem, hint: `${up}, or ${url}` }
  }
  const hint = `apt-get install ${server.packages} && ${up}, or ${url}`
  return { name, at: undefined, ...(refusal !== undefined && { problem: refusal }), hint }
}

type Answer = { readonly version: string } | { readonly problem: string; readonly code: string | undefined }

async function ask(server: ServerEngine, url: string): Promise<Answer> {
  try {
    return { version: await server.version(url) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    return { problem: `does not answer as ${server.title} should: ${messageOf(error)}`, code }
  }
}
