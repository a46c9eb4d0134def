import assert from 'node:assert/strict'
import { failure } from './failure.ts'
import { type FilesCase, pathsOf, textOf } from './files-kit.ts'

/** One form only: what is not in it is refused, rather than mended. */
const refused = [
  '',
  '/',
  '/etc/passwd',
  'a/',
  'a//b',
  '.',
  '..',
  './a',
  'a/.',
  'a/../b',
  '../escape',
  'a/..',
  'a\\b',
  '..\\a',
  'C:\\a',
  'a\0b',
  '\ud800',
  'a/\udfff/b',
  'x'.repeat(1025),
  'ä'.repeat(513),
]

/** Different paths, however odd, are different files. */
const odd = [
  'a',
  'A',
  'a ',
  ' a',
  'a.',
  'a..',
  '...',
  '.a',
  '..a',
  'a.b.',
  'dir/b.',
  'sp ace/in it',
  '"quoted"',
  "it's",
  'a%20b',
  'a b',
  '%',
  '%25',
  '%2F',
  '%2f',
  '%2e%2e',
  'dir/%2e%2e/x',
  '%tmp',
  'dir/%tmp/x',
  '%meta-x',
  'a%meta-1',
  'é',
  'e\u0301',
  '日本/語.txt',
  '👋',
  '\u202eevil',
  'tab\there',
  'new\nline',
  'bell\u0007',
  'del\u007f',
  '\u0085',
  '<>:"|?*',
  'a:b',
  'CON',
  'nul.txt',
  '~',
  '-rf',
  '$HOME',
  '*',
  '#x?y=z',
  'a&b;c',
  '__proto__',
  'constructor',
  'x'.repeat(200),
  `${'y'.repeat(120)}/${'z'.repeat(120)}`,
  '\ufeffbom',
  'a\u200b',
]

export const pathCases: readonly FilesCase[] = [
  {
    name: 'a path that is not in the normal form is refused by every operation',
    async run({ files }) {
      await files.write('there', 'x')
      for (const path of refused) {
        const attempts = [
          files.write(path, 'x'),
          files.read(path),
          files.stat(path),
          files.delete(path),
          files.copy('there', path),
          files.copy(path, 'copy'),
          files.move('there', path),
          files.move(path, 'moved'),
        ]
        for (const attempt of attempts) {
          assert.equal((await failure(attempt)).code, 'invalid_argument', JSON.stringify(path.slice(0, 30)))
        }
      }
      assert.deepEqual(await pathsOf(files.list()), ['there'])
    },
  },
  {
    name: 'any other path is a file of its own, and is listed as it was written',
    async run({ files }) {
      for (const path of odd)
        await files.write(`odd/${path}`, path, { metadata: path.length % 2 ? { a: 'b' } : {} })
      for (const path of odd) assert.equal(await textOf(files, `odd/${path}`), path)
      assert.deepEqual(await pathsOf(files.list()), odd.map(path => `odd/${path}`).sort())
      for (const path of odd) await files.delete(`odd/${path}`)
      assert.deepEqual(await pathsOf(files.list()), [])
    },
  },
  {
    name: 'a path cannot be a file and a folder at once',
    requires: 'hierarchical',
    async run({ files }) {
      await files.write('a/b', 'x')
      assert.equal((await failure(files.write('a', 'x'))).code, 'conflict')
      assert.equal((await failure(files.write('a', 'x', { metadata: { a: 'b' } }))).code, 'conflict')
      assert.equal((await failure(files.write('a/b/c', 'x'))).code, 'conflict')
      await files.write('other', 'x')
      assert.equal((await failure(files.copy('other', 'a'))).code, 'conflict')
      assert.equal((await failure(files.move('other', 'a'))).code, 'conflict')
      assert.deepEqual(await pathsOf(files.list()), ['a/b', 'other'])
    },
    async otherwise({ files }) {
      await files.write('a/b', 'below')
      await files.write('a', 'above')
      assert.equal(await textOf(files, 'a'), 'above')
      assert.equal(await textOf(files, 'a/b'), 'below')
    },
  },
]
