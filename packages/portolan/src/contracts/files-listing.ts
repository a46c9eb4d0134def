import assert from 'node:assert/strict'
import type { FileInfo } from '../ports/files.ts'
import { failure } from './failure.ts'
import { type FilesCase, pathsOf } from './files-kit.ts'

const tree = [
  'a-b',
  'a.txt',
  'a/b',
  'a/b-c/d',
  'a/b0',
  'a/é',
  'a/😀',
  'a/\uff5e',
  'a0',
  'b/1/x',
  'b/10/x',
  'b/2/x',
  'z',
]

export const listingCases: readonly FilesCase[] = [
  {
    name: 'files are listed by path, ascending in code units, folders among them',
    async run({ files }) {
      for (const path of tree.toReversed()) await files.write(path, path)
      const sorted = tree.toSorted()
      assert.deepEqual(await pathsOf(files.list()), sorted)
      for (const prefix of ['a', 'a/', 'a/b', 'b/1', 'b/1/', 'z', 'zz', 'c/']) {
        assert.deepEqual(
          await pathsOf(files.list({ prefix })),
          sorted.filter(path => path.startsWith(prefix)),
          prefix,
        )
      }
    },
  },
  {
    name: 'a listing can be taken up after any path, also one that is not there',
    async run({ files }) {
      for (const path of tree) await files.write(path, path)
      const sorted = tree.toSorted()
      for (const startAfter of [...sorted, '', 'a', 'a/', 'a/c', 'b/1', 'b/1/', 'b/3', 'zz']) {
        assert.deepEqual(
          await pathsOf(files.list({ startAfter })),
          sorted.filter(path => path > startAfter),
          startAfter,
        )
        assert.deepEqual(
          await pathsOf(files.list({ startAfter, prefix: 'a/' })),
          sorted.filter(path => path > startAfter && path.startsWith('a/')),
          `${startAfter} in a/`,
        )
      }
    },
  },
  {
    name: 'in pages of one to three, with files that come and go, nothing else is missed or told twice',
    async run({ files }) {
      for (let n = 10; n < 40; n++) await files.write(`p/${n}`, '')
      for (const size of [1, 2, 3]) {
        const seen: string[] = []
        let startAfter: string | undefined
        while (true) {
          const page = await take(files.list({ prefix: 'p/', ...(startAfter && { startAfter }) }), size)
          if (page.length === 0) break
          seen.push(...page)
          startAfter = page.at(-1)!
          // Before what was told, which no page may bring back; and right after it.
          await files.write('p/00', '')
          if (!startAfter.endsWith('-new')) await files.write(`${startAfter}-new`, '')
          await files.delete('p/00')
        }
        const lasting = seen.filter(path => !path.endsWith('-new'))
        assert.deepEqual(
          lasting,
          Array.from({ length: 30 }, (_, n) => `p/${n + 10}`),
        )
        assert.equal(new Set(seen).size, seen.length)
        for await (const { path } of files.list({ prefix: 'p/' }))
          if (path.endsWith('-new')) await files.delete(path)
      }
    },
  },
  {
    name: 'what is deleted while it is listed is left out; an empty storage lists nothing',
    async run({ files }) {
      assert.deepEqual(await pathsOf(files.list()), [])
      for (let n = 0; n < 100; n++) await files.write(`d/${n % 5}/${n}`, '')
      let count = 0
      for await (const { path } of files.list()) {
        await files.delete(path)
        count += 1
      }
      assert.equal(count, 100)
      assert.deepEqual(await pathsOf(files.list()), [])
    },
  },
  {
    name: 'a listing that is given up ends with cancelled',
    async run({ files }) {
      for (let n = 0; n < 5; n++) await files.write(`n/${n}`, '')
      const controller = new AbortController()
      const listing = async () => {
        for await (const _ of files.list({ signal: controller.signal })) controller.abort()
      }
      assert.equal((await failure(listing())).code, 'cancelled')
    },
  },
]

async function take(infos: AsyncIterable<FileInfo>, count: number): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of infos) {
    paths.push(path)
    if (paths.length === count) break
  }
  return paths
}
