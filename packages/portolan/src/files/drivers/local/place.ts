import { dirname } from 'node:path'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { FileInfo } from '../../../ports/files.ts'
import { cancelled } from '../../../runtime/clock.ts'
import type { FileProperties, WriteCondition } from '../../driver.ts'
import { hasCode, link, lookUp, rename, unlinkIfThere } from './calls.ts'
import type { Complete } from './content.ts'
import type { Folders } from './folders.ts'
import { isDefault, sidecarOf, writeSidecar } from './sidecar.ts'
import { etagOf, modifiedAtOf } from './version.ts'

/** Where a complete file goes, and what must hold for that. */
export interface Placement {
  readonly path: string
  readonly target: string
  readonly properties: FileProperties
  readonly condition?: WriteCondition | undefined
  readonly signal?: AbortSignal | undefined
}

/** Another process may prune a folder again and again while we put a file into it; but not for ever. */
const maxAttempts = 20

/**
 * Puts a complete file in its place in one step; its properties are there before it. `undefined` when the condition does not hold.
 * Call it with the path's lock held: the condition is checked and acted upon in two steps.
 */
export async function place(
  { temporary, stats }: Complete,
  placement: Placement,
  folders: Folders,
  durable: boolean,
): Promise<FileInfo | undefined> {
  const { path, target, properties, condition, signal } = placement
  const folder = dirname(target)
  const etag = etagOf(stats)
  const sidecar = isDefault(path, properties) ? undefined : sidecarOf(target, etag)
  for (let attempt = 1; ; attempt++) {
    await folders.ensure(folder)
    // Off the main thread: a name that is not there makes the system wait for whoever changes the folder.
    const before = await lookUp(target)
    if (before?.isDirectory()) throw folderInTheWay(path)
    const current = before && etagOf(before)
    if (condition?.kind === 'absent' && before) return undefined
    if (condition?.kind === 'match' && condition.etag !== current) return undefined
    try {
      if (sidecar) await writeSidecar(sidecar, properties, durable)
      if (signal?.aborted) throw cancelled(signal)
      if (condition?.kind === 'absent') {
        // Unlike a rename, a link never replaces: of many processes, one wins.
        await link(temporary, target)
        await unlinkIfThere(temporary)
      } else await rename(temporary, target)
    } catch (error) {
      if (sidecar) await unlinkIfThere(sidecar)
      if (condition?.kind === 'absent' && hasCode(error, 'EEXIST')) return undefined
      if (hasCode(error, 'ENOENT') && attempt < maxAttempts) continue
      throw error
    }
    if (current !== undefined) await unlinkIfThere(sidecarOf(target, current))
    await folders.sync(folder)
    return {
      path,
      size: Number(stats.size),
      contentType: properties.contentType,
      modifiedAt: modifiedAtOf(stats),
      etag,
      metadata: properties.metadata,
    }
  }
}

export function folderInTheWay(path: string): InfrastructureError {
  return new InfrastructureError(
    'conflict',
    `There are files below '${path}', so it cannot be a file itself. Choose another path, or delete those.`,
  )
}
