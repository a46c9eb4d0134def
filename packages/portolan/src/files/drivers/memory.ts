import type { FileInfo } from '../../ports/files.ts'
import { cancelled } from '../../runtime/clock.ts'
import { type Surroundings, surroundings } from '../../runtime/surroundings.ts'
import type { DriverFile, FileProperties, FilesDriver, WriteCondition } from '../driver.ts'
import { createFiles, type FileStore } from '../files.ts'

interface Stored {
  readonly info: FileInfo
  readonly bytes: Uint8Array
}

/**
 * Files in this process's memory, for tests and tools.
 *
 * @example
 * const files = memoryFiles()
 * await files.write('receipts/42.html', '<h1>Thank you</h1>')
 */
export function memoryFiles(given: Partial<Surroundings> = {}): FileStore {
  return createFiles(memoryDriver(surroundings(given)))
}

function memoryDriver({ clock }: Surroundings): FilesDriver {
  const files = new Map<string, Stored>()
  let version = 0

  function holds(path: string, condition: WriteCondition | undefined): boolean {
    if (condition?.kind === 'absent') return !files.has(path)
    return condition === undefined || files.get(path)?.info.etag === condition.etag
  }

  function put(path: string, bytes: Uint8Array, properties: FileProperties): FileInfo {
    version += 1
    const info: FileInfo = {
      path,
      size: bytes.length,
      contentType: properties.contentType,
      modifiedAt: new Date(clock.now()),
      etag: version.toString(36),
      metadata: properties.metadata,
    }
    files.set(path, { info, bytes })
    return info
  }

  return {
    name: 'memory',
    capabilities: { hierarchical: false, persistent: false },
    open: async () => {},
    async write(path, content, properties, condition, signal) {
      // Refused before a long stream is taken in, and again when it is: another may have won meanwhile.
      if (!holds(path, condition)) return undefined
      // A copy: the caller may use its buffer again.
      const bytes = content instanceof Uint8Array ? content.slice() : await collect(content)
      if (signal?.aborted) throw cancelled(signal)
      return holds(path, condition) ? put(path, bytes, properties) : undefined
    },
    async read(path, range): Promise<DriverFile | undefined> {
      const stored = files.get(path)
      if (!stored) return undefined
      return {
        info: stored.info,
        async *read() {
          const bytes = range ? stored.bytes.slice(range.start, range.end) : stored.bytes.slice()
          if (bytes.length > 0) yield bytes
        },
        close: async () => {},
      }
    },
    stat: async path => files.get(path)?.info,
    async *list(prefix, startAfter) {
      const paths = [...files.keys()].filter(
        path => path.startsWith(prefix) && (startAfter === undefined || path > startAfter),
      )
      for (const path of paths.sort()) {
        const stored = files.get(path)
        if (stored) yield stored.info
      }
    },
    async delete(path) {
      files.delete(path)
    },
    async copy(from, to) {
      const stored = files.get(from)
      return stored && put(to, stored.bytes, stored.info)
    },
    async move(from, to) {
      const stored = files.get(from)
      if (!stored) return undefined
      files.delete(from)
      const info = { ...stored.info, path: to }
      files.set(to, { ...stored, info })
      return info
    },
    classify: () => undefined,
    health: async () => {},
    async close() {
      files.clear()
    },
  }
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of content) parts.push(chunk.slice())
  return Buffer.concat(parts)
}
