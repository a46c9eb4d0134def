import { basename, dirname, join } from 'node:path'
import { contentTypeOf } from '../../content-types.ts'
import type { FileProperties } from '../../driver.ts'
import { close, fsync, hasCode, open, peek, readFile, writeAll } from './calls.ts'
import { sidecarNameOf } from './names.ts'

const none: Readonly<Record<string, string>> = Object.freeze({})

/** Where a version's properties lie, when they are not what its path says. */
export function sidecarOf(target: string, etag: string): string {
  return join(dirname(target), sidecarNameOf(basename(target), etag))
}

export function defaultProperties(path: string): FileProperties {
  return { contentType: contentTypeOf(path), metadata: none }
}

/** Whether the path says it all, so that a plain file stays one file. */
export function isDefault(path: string, { contentType, metadata }: FileProperties): boolean {
  return contentType === contentTypeOf(path) && Object.keys(metadata).length === 0
}

export async function writeSidecar(
  path: string,
  properties: FileProperties,
  durable: boolean,
): Promise<void> {
  const fd = await open(path, 'w')
  try {
    await writeAll(fd, Buffer.from(JSON.stringify(properties)), 0)
    if (durable) await fsync(fd)
  } finally {
    close(fd)
  }
}

export async function readSidecar(path: string): Promise<FileProperties | undefined> {
  if (!peek(path)) return undefined
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
