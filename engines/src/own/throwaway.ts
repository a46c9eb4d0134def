import { setTimeout as pause } from 'node:timers/promises'
import { enginesRequired } from '../required.ts'
import { type ServerName, servers } from '../servers/index.ts'
import type { Installation, ServerEngine } from '../servers/server.ts'
import { accountFor } from './account.ts'
import { keep } from './keeper.ts'
import { initialise, launch } from './launch.ts'
import { remove, temporaryFolder } from './place.ts'
import { freePort, isFree } from './port.ts'
import { gone, killTree, signal, stopTree } from './processes.ts'

/** A server that belongs to one test, which may do to it what it likes. */
export interface ThrowawayServer extends AsyncDisposable {
  /** With the rights of its administrator; the same for its whole life. */
  readonly url: string
  readonly port: number
  /** Of the server's main process; `undefined` while it does not run. */
  readonly pid: number | undefined
  /** Stops it in order, without waiting for clients. Nothing when it does not run. */
  stop(): Promise<void>
  /** Kills all of its processes with SIGKILL, as a crash would. Nothing when it does not run. */
  kill(): Promise<void>
  /** Stops all of its processes with SIGSTOP, where they are: its connections stay open, and nobody answers. */
  pause(): void
  /** Lets what is paused go on. */
  resume(): void
  /** Stops it if it runs, starts it with the same data on the same port, and waits until it answers. */
  restart(): Promise<void>
}

export interface ThrowawayServerOptions {
  /** Default: one that is free. */
  readonly port?: number
  /** Further arguments of its program, at every start: settings that a test needs. */
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/**
 * The reason to skip a test that starts a server of its own, or `false` when it must run: it can, or engines are required.
 *
 * @example
 * test('it is killed', { skip: skipUnlessInstalled('postgres') }, async () => { … })
 */
export function skipUnlessInstalled(name: ServerName, env: NodeJS.ProcessEnv = process.env): string | false {
  const server = servers[name]
  return server.installation(env) || enginesRequired(env) ? false : notInstalled(server)
}

/**
 * Starts a new server on a free port from the installed programs, with settings as for production: what it has committed is on
 * the disk. Disposing of it stops it and deletes its data; so does the end of this process, however it ends.
 *
 * @throws Error that says what to install, when the programs are missing.
 *
 * @example
 * await using server = await startServer('postgres')
 * await using fresh = await freshDatabase('postgres', { server: server.url })
 * await server.kill()
 * await server.restart()
 *
 * @example
 * await using full = await startServer('redis', { args: ['--maxmemory', '2mb', '--maxmemory-policy', 'noeviction'] })
 */
export async function startServer(
  name: ServerName,
  { port, args = [], env = process.env }: ThrowawayServerOptions = {},
): Promise<ThrowawayServer> {
  const server = servers[name]
  const installed = server.installation(env)
  if (!installed) throw new Error(notInstalled(server))
  const installation: Installation = {
    ...installed,
    serve: (folder, port) => [...installed.serve(folder, port), ...args],
  }
  const folder = temporaryFolder(accountFor(installation.users))
  const chosen = port ?? (await freePort())
  let running: { readonly pid: number; forget(): void } | undefined
  const paused: number[] = []

  async function start(): Promise<void> {
    const child = await launch(server, installation, folder, chosen)
    const callOff = keep(child.pid, folder)
    const current = { pid: child.pid, forget: callOff }
    child.once('exit', () => {
      callOff()
      if (running === current) running = undefined
    })
    // What keeps the process of a test alive is the test, not its server.
    child.unref()
    running = current
  }

  async function end(how: (pid: number) => Promise<void>): Promise<void> {
    const ending = running
    if (!ending) return
    await how(ending.pid)
    // Threads of a process that counts as gone may keep its sockets for a moment longer, and reset who connects.
    while (!(await isFree(chosen))) await pause(5)
    ending.forget()
    paused.length = 0
    if (running === ending) running = undefined
  }

  const resume = () => {
    for (const pid of paused.splice(0)) signal(pid, 'SIGCONT')
  }

  const stop = () =>
    end(async pid => {
      resume()
      signal(pid, server.stopSignal)
      if (!(await gone([pid], 60_000))) throw new Error(`${server.title} (pid ${pid}) does not stop.`)
    })

  try {
    await initialise(installation, folder)
    await start()
  } catch (error) {
    remove(folder)
    throw error
  }
  return {
    url: server.url(chosen),
    port: chosen,
    get pid() {
      return running?.pid
    },
    stop,
    kill: () => end(killTree),
    pause() {
      if (running) paused.push(...stopTree(running.pid))
    },
    resume,
    async restart() {
      await stop()
      await start()
    },
    async [Symbol.asyncDispose]() {
      await end(killTree)
      remove(folder)
    },
  }
}

const notInstalled = ({ name, title, packages, fetch }: ServerEngine): string =>
  `${title} is not installed: apt-get install ${packages}${fetch ? ` && npm run engines -- fetch ${name}` : ''}`
