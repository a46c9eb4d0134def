import { type BigIntStats, constants, fstatSync } from 'node:fs'
import type { FileInfo } from '../../../ports/files.ts'
import type { ByteRange, DriverFile } from '../../driver.ts'
import { close, hasCode, open, peek } from './calls.ts'
import { closerOf, readChunks, readWhole, smallSize } from './content.ts'
import { defaultProperties, readSidecar, sidecarOf } from './sidecar.ts'
import { etagOf, modifiedAtOf } from './version.ts'

/** A link is not followed, and a pipe does not make us wait. Windows knows neither flag. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Opens a file for reading, as it is at this moment. `undefined` when there is none, or something else. */
export async function openFile(
  path: string,
  target: string,
  range: ByteRange | undefined,
): Promise<DriverFile | undefined> {
  while (true) {
    const fd = await openIfThere(target)
    if (fd === undefined) return undefined
    const stats = fstatSync(fd, { bigint: true })
    const info = stats.isFile() ? await infoOf(path, target, stats) : undefined
    if (info && info !== 'replaced') return opened(fd, info, range)
    close(fd)
    if (info === undefined) return undefined
  }
}

/**
 * The facts of the version that `stats` describes. `replaced` when its properties cannot be told any more, because another version has
 * taken its place: then look again.
 */
export async function infoOf(
  path: string,
  target: string,
  stats: BigIntStats,
): Promise<FileInfo | 'replaced'> {
  const etag = etagOf(stats)
  let properties = await readSidecar(sidecarOf(target, etag))
  if (!properties) {
    // No properties beside it: it has none, or they went with it.
    const now = peek(target)
    if (!now || etagOf(now) !== etag) return 'replaced'
    properties = defaultProperties(path)
  }
  return plainInfo(path, stats, etag, properties)
}

/** For a file in a folder where no file has properties. */
export function infoWithoutProperties(path: string, stats: BigIntStats): FileInfo {
  return plainInfo(path, stats, etagOf(stats), defaultProperties(path))
}

function plainInfo(
  path: string,
  stats: BigIntStats,
  etag: string,
  { contentType, metadata }: Pick<FileInfo, 'contentType' | 'metadata'>,
): FileInfo {
  return { path, size: Number(stats.size), contentType, modifiedAt: modifiedAtOf(stats), etag, metadata }
}

async function openIfThere(target: string): Promise<number | undefined> {
  try {
    return await open(target, flags)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENXIO')) return undefined
    throw error
  }
}

async function opened(fd: number, info: FileInfo, given: ByteRange | undefined): Promise<DriverFile> {
  const range = { start: given?.start ?? 0, end: Math.min(given?.end ?? info.size, info.size) }
  const end = closerOf(fd)
  if (info.size > smallSize) return { info, read: () => readChunks(fd, range), close: end }
  try {
    const bytes = await readWhole(fd, range)
    return {
      info,
      async *read() {
        if (bytes.length > 0) yield bytes
      },
      close: end,
    }
  } finally {
    await end()
  }
}
