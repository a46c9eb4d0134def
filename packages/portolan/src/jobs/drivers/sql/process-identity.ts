import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { pid } from 'node:process'

/** What tells one process from every other, also from a later one with the same number. */
export interface ProcessIdentity {
  /**
   * The boot of the machine and the namespace that `pid` counts in: only within one of these does a number say anything. Empty where
   * it is unknown.
   */
  readonly host: string
  readonly pid: number
  /** When it started, in the kernel's own unit; empty where the platform does not tell. */
  readonly started: string
}

/** `oneMachine`: every process that will be compared with it runs on this machine, or as good as on it. */
export function thisProcess(oneMachine: boolean): ProcessIdentity {
  return { host: thisHost(oneMachine), pid, started: statusOf(pid)?.started ?? '' }
}

/**
 * Whether the process cannot be running any more. `false` when in doubt: on another machine or in another container, and where
 * the platform does not tell enough; the lease decides then.
 */
export function provablyDead(identity: ProcessIdentity, observer: ProcessIdentity): boolean {
  if (identity.host === '' || identity.host !== observer.host) return false
  if (!exists(identity.pid)) return true
  const status = statusOf(identity.pid)
  if (status === undefined) return false
  // Killed, but its parent has not looked yet.
  if (status.state === 'Z' || status.state === 'X') return true
  return identity.started !== '' && status.started !== identity.started
}

/** Asks the kernel, because `/proc` may hide the processes of others. */
function exists(number: number): boolean {
  try {
    process.kill(number, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

function thisHost(oneMachine: boolean): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    // Two machines may have the same name.
    return oneMachine ? hostname() : ''
  }
}

/** State and start time, from `/proc/<pid>/stat` (proc(5)): fields 3 and 22. The second field is a name, which may hold anything. */
function statusOf(number: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${number}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state, started] = [fields[0], fields[19]]
    return state === undefined || started === undefined ? undefined : { state, started }
  } catch {
    return undefined
  }
}
