import { createHash } from 'node:crypto'
import { sep } from 'node:path'

/**
 * Segments of a path as names in a folder, one to one: what no file system takes, and `%` itself, is written as `%XX`. So a
 * name with a `%` that no two hexadecimal digits follow is nobody's, and free for what is ours.
 */
export const temporaryFolder = '%tmp'

const sidecarMark = '%meta-'

/** As most file systems have it. */
const maxNameBytes = 255

// Windows takes none of these, nor a dot or a blank at the end; macOS and Linux take them all, but a folder should be portable.
const unsafe = /[%<>:"|?*\p{Cc}]|[. ]$/gu

export function nameOf(segment: string): string {
  return segment.replace(unsafe, encoded)
}

/** `undefined` for a name that no path has: ours, or put there by somebody else. */
export function segmentOf(name: string): string | undefined {
  if (!name.includes('%')) return nameOf(name) === name ? name : undefined
  const segment = name.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return nameOf(segment) === name ? segment : undefined
}

/** Below the root. */
export function relativeOf(path: string): string {
  if (!path.includes('/')) return nameOf(path)
  return path.split('/').map(nameOf).join(sep)
}

/**
 * The name of the file that holds a version's content type and metadata: it belongs to that version alone, so that content and
 * properties change in one step.
 */
export function sidecarNameOf(name: string, etag: string): string {
  const suffix = sidecarMark + etag
  const whole = name + suffix
  if (Buffer.byteLength(whole) <= maxNameBytes) return whole
  return createHash('sha256').update(name).digest('hex') + suffix
}

export function isSidecar(name: string): boolean {
  return name.includes(sidecarMark)
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
