import { InfrastructureError } from '../ports/errors.ts'
import type { FileInfo, FileReader } from '../ports/files.ts'
import { cancelled } from '../runtime/clock.ts'
import type { DriverFile } from './driver.ts'

/** A driver's file as the port promises it: bytes once, errors converted, the signal obeyed. */
export function fileReader(
  file: DriverFile,
  signal: AbortSignal | undefined,
  convert: (error: unknown) => InfrastructureError,
): FileReader {
  let used = false

  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (used) {
      throw new InfrastructureError(
        'invalid_argument',
        'The bytes of this file were already read. Open it again.',
      )
    }
    used = true
    try {
      for await (const chunk of file.read()) {
        if (signal?.aborted) throw cancelled(signal)
        yield chunk
      }
    } catch (error) {
      throw convert(error)
    } finally {
      await file.close()
    }
  }

  async function bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks()) parts.push(chunk)
    return joined(parts)
  }

  return {
    info: file.info satisfies FileInfo,
    bytes,
    text: async () => new TextDecoder('utf-8', { ignoreBOM: true }).decode(await bytes()),
    [Symbol.asyncIterator]: chunks,
    [Symbol.asyncDispose]: () => file.close(),
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
