import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Installation, ServerEngine } from '../servers/server.ts'
import { accountFor } from './account.ts'
import { dataIn, initialise, launch } from './launch.ts'
import { canReach, remove, temporaryFolder } from './place.ts'
import { freePort, isFree } from './port.ts'
import { commandLine, gone, signal } from './processes.ts'

/** What is known of a server that `npm run engines -- up` started. */
export interface Background {
  readonly pid: number
  readonly port: number
  readonly url: string
  /** Where its data and its log are. */
  readonly folder: string
}

const stopTimeoutMs = 60_000
const workspace = fileURLToPath(new URL('../../../', import.meta.url))

/** The server that `up` started, if it still runs. */
export function runningInBackground(server: ServerEngine): Background | undefined {
  const known = lastStarted(server)
  // Its process id may be another's by now; the command line of ours names its data.
  return known && commandLine(known.pid).includes(dataIn(known.folder)) ? known : undefined
}

/** Starts a server that outlives this process, on the standard port if that is free, over the data of the last time if there are any. */
export async function startInBackground(
  server: ServerEngine,
  installation: Installation,
): Promise<Background> {
  const folder = await dataFolder(server, installation)
  const port = (await isFree(server.port)) ? server.port : await freePort()
  const child = await launch(server, installation, folder, port)
  child.unref()
  const started: Background = { pid: child.pid, port, url: server.url(port), folder }
  writeFileSync(noteOf(server), `${JSON.stringify(started, null, 2)}\n`)
  return started
}

/** Stops a server that `up` started; its data stay. */
export async function stopInBackground(
  { title, stopSignal }: ServerEngine,
  { pid, folder }: Background,
): Promise<void> {
  signal(pid, stopSignal)
  if (await gone([pid], stopTimeoutMs)) return
  throw new Error(
    `${title} (pid ${pid}) still runs ${stopTimeoutMs / 1000} s after ${stopSignal}; its log is in ${folder}.`,
  )
}

/** The folder of a server that runs in the background. */
export const homeOf = ({ name }: ServerEngine): string => join(workspace, '.data', 'engines', name)

/** It says where the server is, and is the file with its process id. */
const noteOf = (server: ServerEngine): string => join(homeOf(server), 'server.json')

const lastStarted = (server: ServerEngine): Background | undefined =>
  existsSync(noteOf(server)) ? (JSON.parse(readFileSync(noteOf(server), 'utf8')) as Background) : undefined

/** A folder with the data of a server, made now or before. */
async function dataFolder(server: ServerEngine, installation: Installation): Promise<string> {
  const complete = (folder: string) => join(folder, 'complete')
  const last = lastStarted(server)
  if (last && existsSync(complete(last.folder))) return last.folder

  const home = homeOf(server)
  mkdirSync(home, { recursive: true })
  // The data of a checkout in root's own folder must lie elsewhere: the server runs as somebody else, who cannot get in there.
  const account = accountFor(installation.users)
  const folder = canReach(home, account) ? home : temporaryFolder(account)
  // What was being made when somebody pressed Ctrl-C is no server.
  remove(dataIn(folder))
  rmSync(join(folder, 'log'), { force: true })
  await initialise(installation, folder)
  writeFileSync(complete(folder), '')
  return folder
}
