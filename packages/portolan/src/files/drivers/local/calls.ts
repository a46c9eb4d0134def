import * as fs from 'node:fs'
import { promisify } from 'node:util'

/**
 * The system calls that the driver makes, on plain descriptors: cheaper than `FileHandle`. What may wait for the disk runs off the
 * main thread. What only touches the system's memory (`close`, `peek`) runs on it: a trip to the thread pool costs the main thread
 * ten times as much.
 */
export const open = promisify(fs.open)
export const close = fs.closeSync
export const fsync = promisify(fs.fsync)
export const rename = promisify(fs.rename)
export const link = promisify(fs.link)
export const unlink = promisify(fs.unlink)
export const rmdir = promisify(fs.rmdir)
export const copyFile = promisify(fs.copyFile)
export const writeFile = promisify(fs.writeFile)
export const readFile = promisify(fs.readFile)
export const mkdir = promisify(fs.mkdir)
export const access = promisify(fs.access)
export const realpath = promisify(fs.realpath.native)

/**
 * What is at a path that was looked at a moment ago, so that the system has it in memory; `undefined` when there is nothing. Does not
 * follow a symbolic link.
 */
export function peek(path: string): fs.BigIntStats | undefined {
  try {
    return fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/** With nanoseconds. Does not follow a symbolic link. */
function lstat(path: string): Promise<fs.BigIntStats> {
  return new Promise((resolve, reject) =>
    fs.lstat(path, { bigint: true }, (error, stats) => (error ? reject(error) : resolve(stats))),
  )
}

/** `lstat`, or `undefined` when there is nothing. */
export async function lookUp(path: string): Promise<fs.BigIntStats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

/** Bytes read into `buffer` from `position` on; 0 at the end. */
export function read(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.read(fd, buffer, 0, buffer.length, position, (error, count) =>
      error ? reject(error) : resolve(count),
    ),
  )
}

/** Writes all of `bytes` at `position`. A call may write less than it was given. */
export async function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    done += await new Promise<number>((resolve, reject) =>
      fs.write(fd, bytes, done, bytes.length - done, position + done, (error, count) =>
        error ? reject(error) : resolve(count),
      ),
    )
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error)
  return code !== undefined && codes.includes(code)
}

/** For what may be gone already. */
export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}
