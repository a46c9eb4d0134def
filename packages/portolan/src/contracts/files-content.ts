import assert from 'node:assert/strict'
import { failure } from './failure.ts'
import { type FilesCase, inPieces, pathsOf, pattern, standstill, textOf } from './files-kit.ts'

export const contentCases: readonly FilesCase[] = [
  {
    name: 'what was written is read, as bytes, as text and as a stream',
    async run({ files }) {
      const bytes = pattern(300_000)
      await files.write('bytes.bin', bytes)
      assert.deepEqual(new Uint8Array(await (await files.read('bytes.bin')).bytes()), bytes)
      const parts: Uint8Array[] = []
      for await (const part of await files.read('bytes.bin')) parts.push(part)
      assert.deepEqual(new Uint8Array(Buffer.concat(parts)), bytes)
      await files.write('text.txt', '\ufeffZoë 👋\r\n')
      assert.equal(await textOf(files, 'text.txt'), '\ufeffZoë 👋\r\n')
    },
  },
  {
    name: 'streams of every shape are written whole',
    async run({ files }) {
      const bytes = pattern(200_001)
      await files.write('pieces', inPieces(bytes, 7919))
      await files.write('web', ReadableStream.from(inPieces(bytes, 65_536)) as ReadableStream<Uint8Array>)
      await files.write('gaps', inGaps(bytes))
      for (const path of ['pieces', 'web', 'gaps']) {
        assert.deepEqual(new Uint8Array(await (await files.read(path)).bytes()), bytes, path)
        assert.equal((await files.stat(path))?.size, bytes.length)
      }
    },
  },
  {
    name: 'an empty file is a file',
    async run({ files }) {
      await files.write('empty', '')
      await files.write('empty-stream', inPieces(new Uint8Array(), 1))
      assert.equal((await files.stat('empty'))?.size, 0)
      assert.equal(await textOf(files, 'empty'), '')
      assert.equal(await textOf(files, 'empty-stream'), '')
    },
  },
  {
    name: 'the buffer that was written may be used again at once',
    async run({ files }) {
      const buffer = new TextEncoder().encode('before')
      await files.write('reused', buffer)
      buffer.fill(0)
      assert.equal(await textOf(files, 'reused'), 'before')
      const read = await (await files.read('reused')).bytes()
      read.fill(0)
      assert.equal(await textOf(files, 'reused'), 'before')
    },
  },
  {
    name: 'a write replaces the whole file, and its facts with it',
    async run({ files }) {
      const first = await files.write('page', 'a long first version', {
        contentType: 'text/html',
        metadata: { author: 'Zoë' },
      })
      const second = await files.write('page', 'short')
      assert.equal(await textOf(files, 'page'), 'short')
      assert.notEqual(second.etag, first.etag)
      assert.deepEqual(await files.stat('page'), second)
      assert.deepEqual(second.metadata, {})
      assert.equal(second.contentType, 'application/octet-stream')
    },
  },
  {
    name: 'the etag changes with every write, also of the same content and however fast',
    async run({ files }) {
      const etags = new Set<string>()
      for (let n = 0; n < 40; n++) etags.add((await files.write('same', 'same')).etag)
      assert.equal(etags.size, 40)
    },
  },
  {
    name: 'a reader keeps the version that it opened',
    async run({ files }) {
      const old = pattern(500_000)
      await files.write('page', old, { metadata: { version: '1' } })
      const reader = await files.read('page')
      await files.write('page', 'new')
      assert.deepEqual(reader.info.metadata, { version: '1' })
      assert.deepEqual(new Uint8Array(await reader.bytes()), old)
      const second = await files.read('page')
      await files.delete('page')
      assert.equal(await second.text(), 'new')
    },
  },
  {
    name: 'the bytes of a reader are there once, and a reader may be left unread',
    async run({ files }) {
      await files.write('page', pattern(500_000))
      const reader = await files.read('page')
      await reader.bytes()
      assert.equal((await failure(reader.bytes())).code, 'invalid_argument')
      const partly = await files.read('page')
      for await (const _ of partly) break
      const unread = await files.read('page')
      await unread[Symbol.asyncDispose]()
      await unread[Symbol.asyncDispose]()
    },
  },
  {
    name: 'a stream that fails leaves the old content, and its own error is told',
    async run({ files }) {
      await files.write('page', 'old')
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield pattern(100_000)
        throw new RangeError('the source broke')
      }
      const error = await failure(files.write('page', broken()))
      assert.ok(error.cause instanceof RangeError)
      assert.equal(await textOf(files, 'page'), 'old')
      assert.deepEqual(await pathsOf(files.list()), ['page'])
    },
  },
  {
    name: 'a write that is given up leaves the old content, also when its stream stands still',
    async run({ files }) {
      await files.write('page', 'old')
      const controller = new AbortController()
      const { source, begun } = standstill(pattern(100_000))
      const written = failure(files.write('page', source, { signal: controller.signal }))
      await begun
      controller.abort(new Error('given up'))
      assert.equal((await written).code, 'cancelled')
      const late = await failure(files.write('page', 'new', { signal: AbortSignal.abort() }))
      assert.equal(late.code, 'cancelled')
      assert.equal(await textOf(files, 'page'), 'old')
      assert.deepEqual(await pathsOf(files.list()), ['page'])
    },
  },
  {
    name: 'a read that is given up ends with cancelled',
    async run({ files }) {
      await files.write('page', pattern(1_000_000))
      assert.equal((await failure(files.read('page', { signal: AbortSignal.abort() }))).code, 'cancelled')
      const controller = new AbortController()
      const reader = await files.read('page', { signal: controller.signal })
      controller.abort()
      assert.equal((await failure(reader.bytes())).code, 'cancelled')
    },
  },
  {
    name: 'writers and readers of one path never see a mixture',
    async run({ files }) {
      await files.write('page', new Uint8Array(50_000).fill(0))
      const write = async (value: number) => {
        for (let n = 0; n < 5; n++) await files.write('page', new Uint8Array(50_000).fill(value))
      }
      const read = async () => {
        for (let n = 0; n < 10; n++) {
          const bytes = await (await files.read('page')).bytes()
          assert.equal(bytes.length, 50_000)
          assert.ok(bytes.every(byte => byte === bytes[0]))
        }
      }
      await Promise.all([write(1), write(2), write(3), read(), read()])
    },
  },
]

/** Empty pieces between the others. */
async function* inGaps(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield new Uint8Array()
  for await (const piece of inPieces(bytes, 50_000)) {
    yield piece
    yield new Uint8Array()
  }
}
