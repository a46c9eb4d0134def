import { type BigIntStats, constants, fstatSync, futimesSync, writeSync } from 'node:fs'
import type { ByteRange } from '../../driver.ts'
import { close, copyFile, fsync, open, read, unlinkIfThere, writeAll } from './calls.ts'

/** A whole file under its temporary name, not yet in its place. */
export interface Complete {
  readonly temporary: string
  readonly stats: BigIntStats
}

export interface Finish {
  /** Seconds since the epoch, for the file's time. */
  readonly stamp: number
  readonly durable: boolean
}

/** Writes everything, and removes the file again when that fails. */
export async function writeTemporary(
  temporary: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  finish: Finish,
): Promise<Complete> {
  const fd = await open(temporary, 'wx')
  return complete(temporary, fd, finish, () => {
    if (content instanceof Uint8Array)
      return content.length <= smallSize ? writeSmall(fd, content) : writeAll(fd, content, 0)
    return writeStream(fd, content)
  })
}

async function writeStream(fd: number, content: AsyncIterable<Uint8Array>): Promise<void> {
  let position = 0
  for await (const chunk of content) {
    await writeAll(fd, chunk, position)
    position += chunk.length
  }
}

/** Copies by reference where the file system can. */
export async function copyTemporary(source: string, temporary: string, finish: Finish): Promise<Complete> {
  await copyFile(source, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  return complete(temporary, await open(temporary, 'r+'), finish, async () => {})
}

async function complete(
  temporary: string,
  fd: number,
  { stamp, durable }: Finish,
  fill: () => void | Promise<void>,
): Promise<Complete> {
  try {
    let stats: BigIntStats
    try {
      await fill()
      // Synchronous, because both touch only the inode in memory (see calls.ts).
      futimesSync(fd, stamp, stamp)
      stats = fstatSync(fd, { bigint: true })
      if (durable) await fsync(fd)
    } finally {
      close(fd)
    }
    return { temporary, stats }
  } catch (error) {
    await unlinkIfThere(temporary)
    throw error
  }
}

/** Up to this size, contents are written in one call, and read as they are opened, so that no descriptor stays open. */
export const smallSize = 64 * 1024

/** Into the system's memory, on the main thread (see calls.ts); it is `fsync` that waits for the disk. */
function writeSmall(fd: number, content: Uint8Array): void {
  let done = 0
  while (done < content.length) done += writeSync(fd, content, done, content.length - done, done)
}

const chunkSize = 128 * 1024

/** The bytes of a range that the file has; closes the descriptor at the end, unless somebody else has. */
export async function* readChunks(fd: number, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  let position = start
  while (position < end) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - position))
    const count = await read(fd, buffer, position)
    if (count === 0) return
    position += count
    yield buffer.subarray(0, count)
  }
}

export async function readWhole(fd: number, range: ByteRange): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of readChunks(fd, range)) parts.push(chunk)
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** Closes once, however often it is asked to. */
export function closerOf(fd: number): () => Promise<void> {
  let closed = false
  return async () => {
    if (closed) return
    closed = true
    close(fd)
  }
}
