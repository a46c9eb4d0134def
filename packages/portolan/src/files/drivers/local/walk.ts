import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from './calls.ts'
import { isSidecar, segmentOf } from './names.ts'

/** A file on the way through a folder. */
export interface Found {
  readonly path: string
  readonly target: string
  /** Whether its folder holds properties of any file at all; where not, nobody need look. */
  readonly mayHaveProperties: boolean
}

/** Every file below `folder` whose path begins with `prefix` and comes after `startAfter`, ascending in code units. */
export async function* walk(
  folder: string,
  base: string,
  prefix: string,
  startAfter: string | undefined,
): AsyncGenerator<Found> {
  const entries = await entriesOf(folder)
  const mayHaveProperties = entries.some(({ name }) => isSidecar(name))
  const sorted = entries.flatMap(entry => {
    const segment = segmentOf(entry.name)
    if (segment === undefined || !(entry.isFile() || entry.isDirectory())) return []
    // With its slash, a folder sorts where its files do: 'a-b' < 'a/b' < 'ab'.
    return [{ entry, path: base + segment + (entry.isDirectory() ? '/' : '') }]
  })
  sorted.sort((left, right) => (left.path < right.path ? -1 : 1))
  for (const { entry, path } of sorted) {
    const target = join(folder, entry.name)
    if (entry.isDirectory()) {
      const wanted = path.startsWith(prefix) || prefix.startsWith(path)
      const passed = startAfter !== undefined && path < startAfter && !startAfter.startsWith(path)
      if (wanted && !passed) yield* walk(target, path, prefix, startAfter)
    } else if (path.startsWith(prefix) && (startAfter === undefined || path > startAfter)) {
      yield { path, target, mayHaveProperties }
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    // Pruned since it was seen.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
