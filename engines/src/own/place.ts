import { accessSync, constants, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Account } from './account.ts'

/** A new folder for temporary things that `account` can reach. */
export function temporaryFolder(account: Account | undefined): string {
  const places = [tmpdir(), '/tmp', '/var/tmp'].filter(existsSync)
  const place = places.find(folder => canReach(folder, account))
  if (place === undefined) throw new Error(`Nobody but root can get into ${places.join(', ')}: set TMPDIR.`)
  return mkdtempSync(join(place, 'portolan-engine-'))
}

export const remove = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

/** Whether `account`, which owns none of the folders on the way, may walk through them. A home folder of root is closed to others. */
export function canReach(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return isOpen(folder)
  const open = (statSync(folder).mode & 0o001) !== 0
  return open && (dirname(folder) === folder || canReach(dirname(folder), account))
}

function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return true
  } catch {
    return false
  }
}
