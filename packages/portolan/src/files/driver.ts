import type { ErrorCode, Retry } from '../ports/errors.ts'
import type { FileInfo } from '../ports/files.ts'

export interface FilesCapabilities {
  /** Whether a path excludes those below it: with a file `a` there is no `a/b`. So it is with folders, not with keys. */
  readonly hierarchical: boolean
  /** Whether files outlive the process. */
  readonly persistent: boolean
}

/** What is stored beside the content. */
export interface FileProperties {
  readonly contentType: string
  readonly metadata: Readonly<Record<string, string>>
}

/** What must hold at the moment when the new content takes its place. */
export type WriteCondition = { readonly kind: 'absent' } | { readonly kind: 'match'; readonly etag: string }

/** A file that was opened for reading. */
export interface DriverFile {
  readonly info: FileInfo
  /** The bytes of the range, once. Ends the file's use, however the iteration ends. */
  read(): AsyncIterable<Uint8Array>
  /** Idempotent; for a file whose bytes nobody asked for. */
  close(): Promise<void>
}

/** Bytes from `start` up to and without `end`, which may lie behind the end of the file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * What an engine provides. The portable part has validated every argument, filled in the content type, and turns what is thrown
 * into `InfrastructureError`.
 */
export interface FilesDriver {
  /** For telemetry and messages. */
  readonly name: string
  readonly capabilities: FilesCapabilities
  /** Called once, before anything else. */
  open(): Promise<void>
  /** Replaces the whole file or leaves it as it was. `undefined` when the condition does not hold. */
  write(
    path: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    properties: FileProperties,
    condition: WriteCondition | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FileInfo | undefined>
  read(path: string, range: ByteRange | undefined): Promise<DriverFile | undefined>
  stat(path: string): Promise<FileInfo | undefined>
  /** Paths that begin with `prefix` and come after `startAfter`, ascending in code units. */
  list(prefix: string, startAfter: string | undefined): AsyncIterable<FileInfo>
  delete(path: string): Promise<void>
  /** `undefined` when there is no `from`. */
  copy(from: string, to: string): Promise<FileInfo | undefined>
  move(from: string, to: string): Promise<FileInfo | undefined>
  /** What a native error means, where the driver knows it. */
  classify(error: unknown): FilesErrorMeaning | undefined
  health(): Promise<void>
  close(): Promise<void>
}

export interface FilesErrorMeaning {
  readonly code: ErrorCode
  readonly retry?: Retry
  /** What happened and what to do next; as in `The disk is full. Make room.` */
  readonly message: string
}
