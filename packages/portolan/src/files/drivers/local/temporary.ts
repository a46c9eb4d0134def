import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../ports/time.ts'
import { lookUp, unlinkIfThere } from './calls.ts'
import { modifiedAtOf } from './version.ts'

/** Of machines whose processes cannot be asked, files are left alone for this long. */
const foreignAgeMs = 24 * 60 * 60 * 1000

/** Names for incomplete files that tell whose they are: `<host>~<process>~<unique>`. */
export function temporaryNames(origin: string): () => string {
  let count = 0
  const owner = `${host()}~${process.pid}~${origin}`
  return () => `${owner}-${(++count).toString(36)}`
}

/** Removes what crashed processes left; never what a living one is writing. */
export async function sweep(folder: string, clock: Clock): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const [owner, pid] = name.split('~')
    if (owner === host() && pid !== undefined) {
      if (Number(pid) !== process.pid && isAlive(Number(pid))) continue
      // A process with our own number: ourselves, unless the file is older than we are.
      if (Number(pid) === process.pid && !(await isOlder(path, clock, process.uptime() * 1000))) continue
    } else if (!(await isOlder(path, clock, foreignAgeMs))) continue
    await unlinkIfThere(path)
  }
}

async function isOlder(path: string, clock: Clock, ageMs: number): Promise<boolean> {
  const stats = await lookUp(path)
  return stats !== undefined && modifiedAtOf(stats).getTime() < clock.now() - ageMs
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Of another user, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function host(): string {
  return hostname().replace(/[^\w.-]/g, '_')
}
