import { openSync } from 'node:fs'
import { dirname } from 'node:path'
import { InfrastructureError } from '../../../ports/errors.ts'
import { close, fsync, hasCode, mkdir, peek, realpath, rmdir } from './calls.ts'

/** How many folders are remembered as being where they should. */
const maxVerified = 4096

/** The folders below a root: made when needed, removed when empty, never left through a symbolic link. */
export interface Folders {
  /** Whether the folder is there. Rejects with `permission_denied` when a symbolic link stands in its way. */
  exists(folder: string): Promise<boolean>
  /** Makes it, durably, unless it is there. */
  ensure(folder: string): Promise<void>
  /** Makes durable what was renamed into or removed from the folder. */
  sync(folder: string): Promise<void>
  /** Removes the folder and those above it, as long as they are empty. */
  prune(folder: string): Promise<void>
}

export function foldersOf(root: string, durable: boolean): Folders {
  /** The inodes of folders that were found to lie where their path says. */
  const verified = new Map<string, bigint>()
  const syncing = new Map<string, { running: Promise<void>; next: Promise<void> | undefined }>()

  async function exists(folder: string): Promise<boolean> {
    const stats = peek(folder)
    if (!stats) return false
    // The same inode is the same folder, by whatever way we came to it: so the answer of last time holds.
    if (verified.get(folder) === stats.ino) return true
    if ((await realOf(folder)) !== folder) {
      throw new InfrastructureError(
        'permission_denied',
        'A folder of this path is a symbolic link. The file storage does not follow links out of its root; use a real folder.',
      )
    }
    if (!stats.isDirectory()) return false
    if (verified.size >= maxVerified) verified.clear()
    verified.set(folder, stats.ino)
    return true
  }

  async function ensure(folder: string): Promise<void> {
    if (await exists(folder)) return
    const first = await mkdir(folder, { recursive: true })
    if (!(await exists(folder)) || first === undefined) return
    // A new folder is an entry in the one above it.
    for (let made = folder; made.length >= first.length; made = dirname(made)) await sync(dirname(made))
  }

  /**
   * One fsync serves all who came before it began: whoever comes while one runs shares the next.
   */
  function sync(folder: string): Promise<void> {
    if (!durable) return Promise.resolve()
    const current = syncing.get(folder)
    if (current) {
      current.next ??= current.running.catch(() => {}).then(() => begin(folder))
      return current.next
    }
    return begin(folder)
  }

  function begin(folder: string): Promise<void> {
    const running = syncFolder(folder)
    const entry = { running, next: undefined }
    syncing.set(folder, entry)
    const done = () => {
      if (syncing.get(folder) === entry && entry.next === undefined) syncing.delete(folder)
    }
    running.then(done, done)
    return running
  }

  async function prune(folder: string): Promise<void> {
    for (let candidate = folder; candidate.length > root.length; candidate = dirname(candidate)) {
      try {
        await rmdir(candidate)
      } catch {
        // Not empty, or gone: either way its parents stay.
        return
      }
    }
  }

  return { exists, ensure, sync, prune }
}

/** Where a path leads; itself, when it is gone by now. */
async function realOf(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return folder
    throw error
  }
}

/** Windows cannot open a folder, and needs no fsync of one. */
async function syncFolder(folder: string): Promise<void> {
  let fd: number
  try {
    fd = openSync(folder, 'r')
  } catch (error) {
    // Pruned meanwhile: what was in it is gone, durably or not.
    if (hasCode(error, 'ENOENT', 'EISDIR', 'EPERM', 'EACCES')) return
    throw error
  }
  try {
    await fsync(fd)
  } catch (error) {
    if (!hasCode(error, 'EINVAL', 'EPERM')) throw error
  } finally {
    close(fd)
  }
}
