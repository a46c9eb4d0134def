/** Writes versions of a few files without end, until it is killed. Says when it has begun. */
import { localFiles } from 'portolan/files'

const [root = '', large = ''] = process.argv.slice(2)
const files = localFiles({ root })
const size = Number(large)
const names = ['a', 'b', 'c', 'd']
let begun = 0

async function writer(name: string): Promise<void> {
  for (let version = 1; ; version++) {
    // A whole version says its number in every byte; every other one has properties.
    const bytes = new Uint8Array(size).fill(version % 251)
    const metadata: Record<string, string> = version % 2 ? { version: String(version % 251) } : {}
    await files.write(`deep/${name}`, version % 3 ? bytes : pieces(bytes), { metadata })
    if (version === 2) begun += 1
    if (version === 2 && begun === names.length) process.send?.('begun')
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 16_384) yield bytes.subarray(start, start + 16_384)
}

// Whoever started us is gone: then so are we.
process.on('disconnect', () => process.exit())
await Promise.all(names.map(writer))
