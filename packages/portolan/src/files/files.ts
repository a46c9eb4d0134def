import { InfrastructureError } from '../ports/errors.ts'
import type { FileInfo, FileReader, FileSource, Files, ReadOptions, WriteOptions } from '../ports/files.ts'
import type { Health, Service } from '../ports/service.ts'
import { cancelled } from '../runtime/clock.ts'
import { tracer, withSpan } from '../runtime/telemetry.ts'
import type { ByteRange, FilesCapabilities, FilesDriver } from './driver.ts'
import { fileReader } from './file-reader.ts'
import { requirePath } from './paths.ts'
import { contentOf } from './source.ts'
import { conditionOf, propertiesOf } from './write-options.ts'

/** File storage with the life of a service. */
export interface FileStore extends Files, Service, AsyncDisposable {
  readonly capabilities: FilesCapabilities
  start(): Promise<void>
  stop(): Promise<void>
  health(): Promise<Health>
}

/** What is the same on every engine: paths and options checked, errors converted, operations traced. */
export function createFiles(driver: FilesDriver): FileStore {
  const spans = tracer('files')
  let opened: Promise<void> | undefined
  let closed: Promise<void> | undefined

  function open(): Promise<void> {
    opened ??= driver.open().catch(error => {
      // So that a later call tries again, when the cause has been removed.
      opened = undefined
      throw error
    })
    return opened
  }

  function convert(error: unknown): InfrastructureError {
    if (InfrastructureError.is(error)) return error
    const meaning = driver.classify(error)
    if (!meaning)
      return new InfrastructureError('internal', `The ${driver.name} file storage failed.`, { cause: error })
    const { code, message, retry } = meaning
    return new InfrastructureError(code, message, { cause: error, ...(retry ? { retry } : {}) })
  }

  async function run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (closed) throw new InfrastructureError('unavailable', 'The file storage is closed.')
    const attributes = { 'portolan.files.driver': driver.name }
    return withSpan(spans, `files.${operation}`, { kind: 'client', attributes }, async () => {
      try {
        await open()
        return await work()
      } catch (error) {
        throw convert(error)
      }
    })
  }

  async function write(path: string, source: FileSource, options: WriteOptions = {}): Promise<FileInfo> {
    requirePath(path)
    const { signal } = options
    const properties = propertiesOf(path, options)
    const condition = conditionOf(options)
    if (signal?.aborted) throw cancelled(signal)
    return run('write', async () => {
      const info = await driver.write(path, contentOf(source, signal), properties, condition, signal)
      if (info) return info
      throw condition?.kind === 'absent'
        ? new InfrastructureError('already_exists', `There is a file '${path}' already.`)
        : new InfrastructureError('precondition_failed', `'${path}' has changed or is gone. Read it again.`)
    })
  }

  async function read(path: string, { range, signal }: ReadOptions = {}): Promise<FileReader> {
    requirePath(path)
    const bytes = range && rangeOf(range)
    if (signal?.aborted) throw cancelled(signal)
    return run('read', async () => {
      const file = await driver.read(path, bytes)
      if (!file) throw absent(path)
      if (!bytes || bytes.start <= file.info.size) return fileReader(file, signal, convert)
      await file.close()
      throw new InfrastructureError(
        'invalid_argument',
        `The range begins at ${bytes.start}, behind the end of '${path}' (${file.info.size} bytes).`,
      )
    })
  }

  async function* list(options: Parameters<Files['list']>[0] = {}): AsyncGenerator<FileInfo> {
    const { prefix = '', startAfter, signal } = options
    try {
      if (closed) throw new InfrastructureError('unavailable', 'The file storage is closed.')
      await open()
      for await (const info of driver.list(prefix, startAfter)) {
        if (signal?.aborted) throw cancelled(signal)
        yield info
      }
    } catch (error) {
      throw convert(error)
    }
  }

  async function transfer(operation: 'copy' | 'move', from: string, to: string): Promise<FileInfo> {
    requirePath(from)
    requirePath(to)
    return run(operation, async () => {
      const info = await driver[operation](from, to)
      if (!info) throw absent(from)
      return info
    })
  }

  function stop(): Promise<void> {
    closed ??= driver.close()
    return closed
  }

  return {
    capabilities: driver.capabilities,
    write,
    read,
    async stat(path) {
      requirePath(path)
      return run('stat', () => driver.stat(path))
    },
    list,
    async delete(path) {
      requirePath(path)
      await run('delete', () => driver.delete(path))
    },
    copy: (from, to) => transfer('copy', from, to),
    move: (from, to) => transfer('move', from, to),
    start: () => run('open', async () => {}),
    stop,
    async health() {
      try {
        await run('health', () => driver.health())
        return { status: 'up' }
      } catch (error) {
        return { status: 'down', detail: convert(error).message }
      }
    },
    [Symbol.asyncDispose]: stop,
  }
}

function rangeOf({ start, end = Number.MAX_SAFE_INTEGER }: NonNullable<ReadOptions['range']>): ByteRange {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start)
    return { start, end }
  throw new InfrastructureError(
    'invalid_argument',
    `A range is whole numbers, 0 ≤ start ≤ end; not ${start} to ${end}.`,
  )
}

function absent(path: string): InfrastructureError {
  return new InfrastructureError('not_found', `There is no file '${path}'.`)
}
