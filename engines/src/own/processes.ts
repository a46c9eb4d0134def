import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Waits until none of the processes runs; `false` when one still does after `timeoutMs`. */
export async function gone(pids: readonly number[], timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (pids.some(isRunning)) {
    if (performance.now() > deadline) return false
    await pause(20)
  }
  return true
}

/** Kills a process and those that it started, with SIGKILL, and waits until they are gone. */
export async function killTree(pid: number): Promise<void> {
  const pids = stopTree(pid)
  for (const each of pids) signal(each, 'SIGKILL')
  if (!(await gone(pids, 30_000))) throw new Error(`A process of ${pids.join(', ')} survived SIGKILL.`)
}

/** Stops a process and those that it started where they are, and says which. None of their threads does anything any more. */
export function stopTree(pid: number): readonly number[] {
  // The first at first: it would start others while we look for them.
  signal(pid, 'SIGSTOP')
  const children = childrenOf(pid)
  for (const each of children) signal(each, 'SIGSTOP')
  const pids = [pid, ...children]
  const deadline = performance.now() + longestStopMs
  // On a busy machine some threads go on until the one that gets the signal has its turn.
  while (pids.some(hasThreadsLeft) && performance.now() < deadline) Atomics.wait(sleeper, 0, 0, 1)
  return pids
}

/** Whether a process with this id runs. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const longestStopMs = 2_000
const sleeper = new Int32Array(new SharedArrayBuffer(4))
/** Stopped, dead, and a zombie. */
const still = /^[TtXZ]$/

function hasThreadsLeft(pid: number): boolean {
  if (!hasProc) return false
  try {
    return readdirSync(`/proc/${pid}/task`).some(thread => {
      const [state = ''] = statusOf(`${pid}/task/${thread}`)
      return state !== '' && !still.test(state)
    })
  } catch {
    // It has ended.
    return false
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The command line of a process, its arguments divided by spaces; empty when there is no such process. */
export function commandLine(pid: number): string {
  if (!hasProc) return ps(['-p', String(pid), '-o', 'command='])
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}

function childrenOf(pid: number): number[] {
  const pairs = hasProc
    ? readdirSync('/proc')
        .filter(name => /^\d+$/.test(name))
        .map(name => [Number(name), Number(statusOf(name)[1])])
    : ps(['-A', '-o', 'pid=,ppid='])
        .split('\n')
        .map(line => line.trim().split(/\s+/).map(Number))
  return pairs.filter(([, parent]) => parent === pid).map(([child]) => child!)
}

/** Linux tells of its processes in files; its `ps` is a package that a small image does not have. */
const hasProc = existsSync('/proc/self/stat')

/** Ended, and not yet noticed by the one that started it: in a container nobody may ever do so. */
const isZombie = (pid: number): boolean => hasProc && statusOf(pid)[0] === 'Z'

/** State, parent and so on; they follow the name of the program, which may hold anything but is in brackets. */
const statusOf = (pid: number | string): string[] =>
  read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')

function ps(args: readonly string[]): string {
  const { stdout } = spawnSync('ps', args, { encoding: 'utf8' })
  return (stdout ?? '').trim()
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
