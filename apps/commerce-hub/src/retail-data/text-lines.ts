import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

export interface TextLine {
  /** From 1. */
  readonly number: number
  /** Without its end; `undefined` when it is too long or no UTF-8. */
  readonly text: string | undefined
  readonly problem?: string
}

/** No line of a sales file is longer; a file without line ends must not fill the memory. */
const maxBytes = 64 * 1024

/** The lines of a file, plain or gzip (told by its first bytes), read as a stream in bounded memory. */
export async function* textLines(path: string): AsyncGenerator<TextLine> {
  const zipped = await isGzip(path)
  const file = createReadStream(path)
  const source = zipped ? file.pipe(createGunzip()) : file
  // `pipe` does not pass errors on.
  if (source !== file) file.on('error', error => source.destroy(error))
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let number = 0
  let rest: Buffer = Buffer.alloc(0)
  let skipping = false

  const line = (bytes: Buffer): TextLine => {
    number += 1
    if (skipping || bytes.length > maxBytes) {
      skipping = false
      return { number, text: undefined, problem: `longer than ${maxBytes} bytes` }
    }
    const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length
    try {
      return { number, text: decoder.decode(bytes.subarray(0, end)) }
    } catch {
      return { number, text: undefined, problem: 'no UTF-8' }
    }
  }

  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      let from = 0
      for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
        const part = chunk.subarray(from, end)
        yield line(rest.length > 0 ? Buffer.concat([rest, part]) : part)
        rest = Buffer.alloc(0)
        from = end + 1
      }
      if (from < chunk.length && !skipping) rest = Buffer.concat([rest, chunk.subarray(from)])
      if (rest.length > maxBytes) {
        skipping = true
        rest = Buffer.alloc(0)
      }
    }
    if (rest.length > 0 || skipping) yield line(rest)
  } finally {
    file.destroy()
    source.destroy()
  }
}

async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
}
