import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Installation, ServerEngine } from '../servers/server.ts'
import { messageOf } from '../text.ts'
import { accountFor } from './account.ts'
import { signal } from './processes.ts'

/** A busy machine may need long for what takes a second. */
const startTimeoutMs = 60_000

/** Where a server of our own keeps what it needs. */
export const dataIn = (folder: string): string => join(folder, 'data')
const logIn = (folder: string): string => join(folder, 'log')

/** Fills `folder`, which is there and empty, with the data of a new server. */
export async function initialise(installation: Installation, folder: string): Promise<void> {
  const data = dataIn(folder)
  mkdirSync(data, { mode: 0o700 })
  const account = accountFor(installation.users)
  if (account) for (const path of [folder, data]) chownSync(path, account.uid, account.gid)
  const command = installation.initialise?.(data)
  if (!command) return
  const child = start(installation, command, folder)
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  )
  if (code !== 0) throw new Error(`${child.spawnfile} failed:\n${endOf(folder)}`)
}

/** Starts a server over the data in `folder`, and waits until it answers on `port`. */
export async function launch(
  server: ServerEngine,
  installation: Installation,
  folder: string,
  port: number,
): Promise<ChildProcess & { readonly pid: number }> {
  const child = start(installation, installation.serve(dataIn(folder), port), folder)
  let failure: Error | undefined
  child.on('error', error => {
    failure = error
  })
  const deadline = performance.now() + startTimeoutMs
  for (;;) {
    const problem = await server.version(server.url(port)).then(
      () => undefined,
      error => messageOf(error),
    )
    const ended = child.exitCode ?? child.signalCode
    if (failure) throw failure
    if (ended !== null) throw new Error(`${installation.program} ended with ${ended}:\n${endOf(folder)}`)
    if (problem === undefined) return child as ChildProcess & { readonly pid: number }
    if (performance.now() > deadline) {
      signal(child.pid!, 'SIGKILL')
      throw new Error(
        `${installation.program} did not answer in ${startTimeoutMs / 1000} s: ${problem}\n${endOf(folder)}`,
      )
    }
    await pause(50)
  }
}

/** In a group of its own, so that Ctrl-C in a terminal is for whoever started it to act on. */
function start({ users }: Installation, [program, ...args]: readonly string[], folder: string): ChildProcess {
  const log = openSync(logIn(folder), 'a')
  try {
    return spawn(program!, args, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log],
      ...accountFor(users),
    })
  } finally {
    closeSync(log)
  }
}

/** The last lines of its log, which say why it does not start. */
const endOf = (folder: string): string =>
  readFileSync(logIn(folder), 'utf8').trim().split('\n').slice(-15).join('\n')
