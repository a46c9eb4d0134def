/** What can be written: bytes, text (as UTF-8), or a stream of bytes. */
export type FileSource = Uint8Array | string | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

export interface FileInfo {
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly contentType: string
  readonly modifiedAt: Date
  /** Changes whenever the content does. For `ifMatch`. */
  readonly etag: string
  readonly metadata: Readonly<Record<string, string>>
}

export interface WriteOptions {
  /** Default: from the extension, else `application/octet-stream`. */
  readonly contentType?: string
  /** Keys of a-z, 0-9 and `-`; 2 KB in all. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Rejects with `already_exists` when there is a file. */
  readonly ifAbsent?: true
  /** Rejects with `precondition_failed` unless the file has this etag. */
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

export interface ReadOptions {
  /**
   * Bytes from `start` up to and without `end`, as many as there are. Default: all. A `start` behind the end of the file is
   * `invalid_argument`.
   */
  readonly range?: { readonly start: number; readonly end?: number }
  readonly signal?: AbortSignal
}

/**
 * A file that is being read, as it was when it was opened: its facts, and its bytes once. Dispose of it when you do not read
 * them (`await using`).
 */
export interface FileReader extends AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly info: FileInfo
  bytes(): Promise<Uint8Array>
  text(): Promise<string>
}

/**
 * Files under paths such as `receipts/2010/12/42.html`. A path has one form: segments of any unicode, joined by `/`;
 * empty segments, `.`, `..`, NUL, backslashes, lone surrogates, a leading slash and more than 1,024 bytes are refused with
 * `invalid_argument`.
 *
 * @example
 * import type { Files } from 'portolan'
 *
 * declare const files: Files
 * const { etag } = await files.write('receipts/2010/12/42.html', '<h1>Receipt</h1>')
 * await using receipt = await files.read('receipts/2010/12/42.html')
 * console.log(etag, receipt.info.contentType, await receipt.text())
 */
export interface Files {
  /** Replaces the whole file or leaves it as it was; readers never see a part. */
  write(path: string, source: FileSource, options?: WriteOptions): Promise<FileInfo>
  /** Rejects with `not_found`. */
  read(path: string, options?: ReadOptions): Promise<FileReader>
  /** `undefined` when there is none. */
  stat(path: string): Promise<FileInfo | undefined>
  /** By path, ascending in code units. */
  list(options?: {
    readonly prefix?: string
    readonly startAfter?: string
    readonly signal?: AbortSignal
  }): AsyncIterable<FileInfo>
  /** Deleting what is not there is no error. */
  delete(path: string): Promise<void>
  /** Replaces `to`; with its content type and metadata. Rejects with `not_found`. */
  copy(from: string, to: string): Promise<FileInfo>
  /** Replaces `to`. Rejects with `not_found`. */
  move(from: string, to: string): Promise<FileInfo>
}
