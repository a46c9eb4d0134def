import { InfrastructureError } from '../ports/errors.ts'
import type { FileSource } from '../ports/files.ts'
import { abortable } from '../runtime/abortable.ts'

const encoder = new TextEncoder()

/** What is written, as a driver takes it: bytes at once, or a stream that ends with `cancelled` when `signal` aborts. */
export function contentOf(
  source: FileSource,
  signal: AbortSignal | undefined,
): Uint8Array | AsyncIterable<Uint8Array> {
  if (typeof source === 'string') return encoder.encode(source)
  if (source instanceof Uint8Array) return source
  return chunksOf(source, signal)
}

async function* chunksOf(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  let ended = false
  try {
    while (true) {
      const result = await abortable(iterator.next(), signal)
      if (result.done) {
        ended = true
        return
      }
      if (!(result.value instanceof Uint8Array)) {
        throw new InfrastructureError('invalid_argument', 'A stream of a file must yield bytes (Uint8Array).')
      }
      if (result.value.length > 0) yield result.value
    }
  } finally {
    // Not awaited: a source that hangs in `next` answers `return` only after that.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}
