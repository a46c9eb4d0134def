import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Where one replay keeps what must outlive its process: the shop's database and files, and what the emulators know. */
export interface RunFolder {
  readonly path: string
  /** Whether an earlier run was interrupted and this one goes on. */
  readonly resumed: boolean
  /** The next run of the same file begins anew. */
  complete(): Promise<void>
}

/** What a replay runs on, where it is not the folder alone. */
export interface Ground {
  readonly database: string | undefined
  readonly broker: string | undefined
}

/** The folder of a file and its ground below `root`; emptied when `fresh`, or when the last run came to its end. */
export async function openRunFolder(
  root: string,
  input: string,
  digest: string,
  { database, broker }: Ground,
  fresh: boolean,
): Promise<RunFolder> {
  const name = basename(input).replace(/[^\w.-]/g, '_')
  const key = createHash('sha256')
    .update(`${digest} ${database ?? ''}${broker === undefined ? '' : ` ${broker}`}`)
    .digest('hex')
    .slice(0, 12)
  const path = join(root, `${name}-${key}`)
  const marker = join(path, 'complete')
  // With a database of the user's own, what it holds stays, and so must what the emulators know of it.
  if (fresh || (database === undefined && existsSync(marker)))
    await rm(path, { recursive: true, force: true })
  const resumed = existsSync(path)
  await mkdir(path, { recursive: true })
  return { path, resumed, complete: () => writeFile(marker, '') }
}
