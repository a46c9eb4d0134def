import assert from 'node:assert/strict'
import type { ReadOptions, WriteOptions } from '../ports/files.ts'
import { failure } from './failure.ts'
import { type FilesCase, pattern, textOf } from './files-kit.ts'

export const factCases: readonly FilesCase[] = [
  {
    name: 'a file’s facts are the same from write, stat, read and list',
    async run({ files }) {
      const metadata = { 'order-number': '536365', note: 'Zoë "quoted" 👋\nline' }
      const written = await files.write('receipts/1.html', '<h1>1</h1>', {
        metadata,
        contentType: 'text/plain',
      })
      assert.equal(written.path, 'receipts/1.html')
      assert.equal(written.size, 10)
      assert.equal(written.contentType, 'text/plain')
      assert.deepEqual({ ...written.metadata }, metadata)
      assert.ok(!Number.isNaN(written.modifiedAt.getTime()))
      assert.deepEqual(await files.stat('receipts/1.html'), written)
      assert.deepEqual((await files.read('receipts/1.html')).info, written)
      for await (const listed of files.list()) assert.deepEqual(listed, written)
    },
  },
  {
    name: 'the content type comes from the extension, unless it is given',
    async run({ files }) {
      const typeOf = async (path: string, options?: WriteOptions) =>
        (await files.write(path, '', options)).contentType
      assert.equal(await typeOf('a.html'), 'text/html; charset=utf-8')
      assert.equal(await typeOf('a.PDF'), 'application/pdf')
      assert.equal(await typeOf('a.constructor'), 'application/octet-stream')
      assert.equal(await typeOf('html'), 'application/octet-stream')
      assert.equal(await typeOf('b.html', { contentType: 'image/png' }), 'image/png')
      assert.equal((await files.stat('b.html'))?.contentType, 'image/png')
    },
  },
  {
    name: 'content types and metadata that no engine could carry are refused',
    async run({ files }) {
      const refused: WriteOptions[] = [
        { contentType: 'html' },
        { contentType: 'text/html\r\nset-cookie: x' },
        { metadata: { 'Upper-Case': 'x' } },
        { metadata: { 'with space': 'x' } },
        { metadata: { long: 'x'.repeat(2048) } },
        { metadata: { nul: '\0' } },
        { ifAbsent: true, ifMatch: 'x' },
      ]
      for (const options of refused) {
        assert.equal(
          (await failure(files.write('a', 'x', options))).code,
          'invalid_argument',
          JSON.stringify(options),
        )
      }
      assert.equal(await files.stat('a'), undefined)
    },
  },
  {
    name: 'what is not there is undefined to stat and not_found to read, copy and move',
    async run({ files }) {
      await files.write('folder/file', 'x')
      for (const path of ['absent', 'folder', 'folder/absent', 'absent/file']) {
        assert.equal(await files.stat(path), undefined, path)
        assert.equal((await failure(files.read(path))).code, 'not_found', path)
        assert.equal((await failure(files.copy(path, 'copy'))).code, 'not_found', path)
        assert.equal((await failure(files.move(path, 'moved'))).code, 'not_found', path)
      }
    },
  },
  {
    name: 'a range is the bytes from start up to end, as many as there are',
    async run({ files }) {
      const bytes = pattern(200_000)
      await files.write('small', bytes.subarray(0, 10))
      await files.write('large', bytes)
      const read = async (path: string, range: ReadOptions['range']) =>
        new Uint8Array(await (await files.read(path, { ...(range && { range }) })).bytes())
      for (const [path, size] of [
        ['small', 10],
        ['large', 200_000],
      ] as const) {
        for (const [start, end] of [
          [0, 1],
          [3, 7],
          [size - 1, size],
          [0, size],
          [2, size + 99],
          [size, size],
          [5, 5],
        ] as const) {
          assert.deepEqual(
            await read(path, { start, end }),
            bytes.subarray(start, Math.min(end, size)),
            `${path} ${start}-${end}`,
          )
        }
        assert.deepEqual(await read(path, { start: 4 }), bytes.subarray(4, size))
        assert.equal((await files.read(path, { range: { start: 1, end: 2 } })).info.size, size)
      }
      assert.deepEqual(await read('large', { start: 65_000, end: 140_000 }), bytes.subarray(65_000, 140_000))
      for (const range of [
        { start: -1 },
        { start: 1.5 },
        { start: 3, end: 2 },
        { start: 0, end: Number.NaN },
        { start: 11 },
      ]) {
        assert.equal(
          (await failure(files.read('small', { range }))).code,
          'invalid_argument',
          JSON.stringify(range),
        )
      }
    },
  },
  {
    name: 'deleting is final, and deleting what is not there is no error',
    async run({ files }) {
      await files.write('a/b/c', 'x', { metadata: { a: 'b' } })
      await files.delete('a/b/c')
      assert.equal(await files.stat('a/b/c'), undefined)
      await files.delete('a/b/c')
      await files.delete('a/b')
      await files.delete('never/was')
      await files.write('a', 'a file where a folder was')
      assert.equal(await textOf(files, 'a'), 'a file where a folder was')
    },
  },
  {
    name: 'a copy has the content, type and metadata; both live on',
    async run({ files }) {
      await files.write('from.html', 'content', { metadata: { a: 'b' } })
      await files.write('dir/to.txt', 'old', { metadata: { old: 'old' } })
      const copied = await files.copy('from.html', 'dir/to.txt')
      assert.equal(copied.path, 'dir/to.txt')
      assert.equal(copied.contentType, 'text/html; charset=utf-8')
      assert.deepEqual({ ...copied.metadata }, { a: 'b' })
      assert.deepEqual(await files.stat('dir/to.txt'), copied)
      await files.write('from.html', 'changed')
      assert.equal(await textOf(files, 'dir/to.txt'), 'content')
    },
  },
  {
    name: 'a move replaces, takes everything along, and leaves nothing',
    async run({ files }) {
      await files.write('x/from.html', 'content', { metadata: { a: 'b' } })
      await files.write('y/to.txt', 'old', { metadata: { old: 'old' } })
      const moved = await files.move('x/from.html', 'y/to.txt')
      assert.deepEqual(await files.stat('y/to.txt'), moved)
      assert.equal(moved.contentType, 'text/html; charset=utf-8')
      assert.deepEqual({ ...moved.metadata }, { a: 'b' })
      assert.equal(await textOf(files, 'y/to.txt'), 'content')
      assert.equal(await files.stat('x/from.html'), undefined)
      const same = await files.move('y/to.txt', 'y/to.txt')
      assert.deepEqual([same.path, await textOf(files, 'y/to.txt')], ['y/to.txt', 'content'])
    },
  },
]
