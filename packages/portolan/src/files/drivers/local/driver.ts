import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FileInfo } from '../../../ports/files.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { FilesDriver } from '../../driver.ts'
import { access, lookUp, mkdir, realpath, rename, unlinkIfThere } from './calls.ts'
import { type Complete, copyTemporary, writeTemporary } from './content.ts'
import { meaningOf } from './errors.ts'
import { foldersOf } from './folders.ts'
import { relativeOf, temporaryFolder } from './names.ts'
import { infoOf, infoWithoutProperties, openFile } from './open-file.ts'
import { pathLocks } from './path-locks.ts'
import { folderInTheWay, type Placement, place } from './place.ts'
import { isDefault, sidecarOf, writeSidecar } from './sidecar.ts'
import { sweep, temporaryNames } from './temporary.ts'
import { etagOf, stamps } from './version.ts'
import { type Found, walk } from './walk.ts'

/** How many files of a listing are looked at ahead. */
const lookAhead = 32

/**
 * Files in a folder. A write goes to a temporary file, which is flushed and then renamed into its place; a reader holds the version
 * that it opened. `given` is the root's absolute path.
 */
export function localDriver(
  given: string,
  durability: 'full' | 'process',
  around: Surroundings,
): FilesDriver {
  const durable = durability === 'full'
  const nextStamp = stamps(around.clock)
  const nextName = temporaryNames(around.ids.next())
  const locks = pathLocks()
  // Known for certain once it is open: the root itself may lie behind a symbolic link.
  let root = given
  let folders = foldersOf(root, durable)

  const targetOf = (path: string) => join(root, relativeOf(path))
  const temporary = () => join(root, temporaryFolder, nextName())
  const finish = () => ({ stamp: nextStamp(), durable })

  /** Puts a complete file in its place, or removes it. */
  async function conclude(complete: Complete, placement: Placement): Promise<FileInfo | undefined> {
    let info: FileInfo | undefined
    try {
      info = await locks.run([placement.target], () => place(complete, placement, folders, durable))
      return info
    } finally {
      if (!info) await unlinkIfThere(complete.temporary)
    }
  }

  async function stat(path: string): Promise<FileInfo | undefined> {
    const target = targetOf(path)
    while (await folders.exists(dirname(target))) {
      const stats = await lookUp(target)
      if (!stats?.isFile()) return undefined
      const info = await infoOf(path, target, stats)
      if (info !== 'replaced') return info
    }
    return undefined
  }

  return {
    name: 'local',
    capabilities: { hierarchical: true, persistent: true },

    async open() {
      await mkdir(given, { recursive: true })
      root = await realpath(given)
      folders = foldersOf(root, durable)
      const temporaries = join(root, temporaryFolder)
      await mkdir(temporaries, { recursive: true })
      await sweep(temporaries, around.clock)
    },

    async write(path, content, properties, condition, signal) {
      const complete = await writeTemporary(temporary(), content, finish())
      return conclude(complete, { path, target: targetOf(path), properties, condition, signal })
    },

    async read(path, range) {
      const target = targetOf(path)
      return (await folders.exists(dirname(target))) ? openFile(path, target, range) : undefined
    },

    stat,

    async *list(prefix, startAfter) {
      let ahead: Found[] = []
      for await (const found of walk(root, '', prefix, startAfter)) {
        ahead.push(found)
        if (ahead.length < lookAhead) continue
        yield* await factsOf(ahead)
        ahead = []
      }
      yield* await factsOf(ahead)
    },

    async delete(path) {
      const target = targetOf(path)
      const folder = dirname(target)
      await locks.run([target], async () => {
        if (!(await folders.exists(folder))) return
        const stats = await lookUp(target)
        if (!stats || stats.isDirectory()) return
        await unlinkIfThere(target)
        await unlinkIfThere(sidecarOf(target, etagOf(stats)))
        await folders.sync(folder)
        await folders.prune(folder)
      })
    },

    async copy(from, to) {
      const source = targetOf(from)
      // With the lock, content and properties are of one version.
      const copied = await locks.run([source], async () => {
        const info = await stat(from)
        return info && { info, complete: await copyTemporary(source, temporary(), finish()) }
      })
      return copied && conclude(copied.complete, { path: to, target: targetOf(to), properties: copied.info })
    },

    async move(from, to) {
      const source = targetOf(from)
      const target = targetOf(to)
      return locks.run([source, target], async () => {
        const info = await stat(from)
        if (!info || from === to) return info
        await folders.ensure(dirname(target))
        const before = await lookUp(target)
        if (before?.isDirectory()) throw folderInTheWay(to)
        // A rename keeps inode and time, so the version stays the same under its new name.
        if (!isDefault(to, info))
          await writeSidecar(sidecarOf(target, info.etag), propertiesOf(info), durable)
        await rename(source, target)
        if (before) await unlinkIfThere(sidecarOf(target, etagOf(before)))
        await unlinkIfThere(sidecarOf(source, info.etag))
        await folders.sync(dirname(target))
        await folders.sync(dirname(source))
        await folders.prune(dirname(source))
        return { ...info, path: to }
      })
    },

    classify: meaningOf,
    health: () => access(root, constants.R_OK | constants.W_OK),
    close: async () => {},
  }
}

function propertiesOf({ contentType, metadata }: FileInfo) {
  return { contentType, metadata }
}

/** What has been deleted since it was found is left out. */
async function factsOf(found: readonly Found[]): Promise<FileInfo[]> {
  const facts = await Promise.all(found.map(factOf))
  return facts.filter(info => info !== undefined)
}

async function factOf({ path, target, mayHaveProperties }: Found): Promise<FileInfo | undefined> {
  while (true) {
    const stats = await lookUp(target)
    if (!stats?.isFile()) return undefined
    if (!mayHaveProperties) return infoWithoutProperties(path, stats)
    const info = await infoOf(path, target, stats)
    if (info !== 'replaced') return info
  }
}
