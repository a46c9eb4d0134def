import type { FileInfo, Files } from '../ports/files.ts'
import type { ContractCase } from './contract.ts'

export interface FilesHarness extends AsyncDisposable {
  /** A storage with nothing in it. */
  readonly files: Files
}

export type FilesCase = ContractCase<FilesHarness>

export async function textOf(files: Files, path: string): Promise<string> {
  return (await files.read(path)).text()
}

export async function pathsOf(infos: AsyncIterable<FileInfo>): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of infos) paths.push(path)
  return paths
}

/** `length` bytes in which every position can be told from its neighbours. */
export function pattern(length: number, offset = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const position = i + offset
    bytes[i] = (position * 31 + (position >> 8) * 17) & 0xff
  }
  return bytes
}

/** `bytes` in pieces of `size`. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

/** A stream that stands still after its first piece, until it is given up. */
export function standstill(first: Uint8Array): {
  readonly source: AsyncIterable<Uint8Array>
  readonly begun: Promise<void>
} {
  const begun = Promise.withResolvers<void>()
  async function* source(): AsyncGenerator<Uint8Array> {
    yield first
    begun.resolve()
    await new Promise(() => {})
  }
  return { source: source(), begun: begun.promise }
}
