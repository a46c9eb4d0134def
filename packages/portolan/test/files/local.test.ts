import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { InfrastructureError } from 'portolan'
import { localFiles } from 'portolan/files'
import { systemClock } from 'portolan/runtime'
import { temporaryRoot } from './support/temporary-root.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

test('a plain write is one file under its own name, with the bytes that were written', async () => {
  await using root = await temporaryRoot()
  await using files = localFiles({ root: root.path })
  await files.write('receipts/2010/12/Zoë’s receipt.html', '<h1>')
  assert.deepEqual(await readdir(root.path), ['%tmp', 'receipts'])
  assert.deepEqual(await readdir(join(root.path, 'receipts/2010/12')), ['Zoë’s receipt.html'])
  assert.equal(await readFile(join(root.path, 'receipts/2010/12/Zoë’s receipt.html'), 'utf8'), '<h1>')
})

test('properties lie beside, and go when they are not needed any more', async () => {
  await using root = await temporaryRoot()
  await using files = localFiles({ root: root.path })
  const names = () => readdir(join(root.path, 'd'))
  await files.write('d/keep', '')
  await files.write('d/a.html', 'x', { metadata: { a: 'b' } })
  assert.equal((await names()).length, 3)
  await files.write('d/a.html', 'y', { contentType: 'text/plain' })
  assert.equal((await names()).length, 3)
  await files.move('d/a.html', 'd/b.txt')
  assert.equal((await names()).length, 3)
  await files.copy('d/b.txt', 'd/c.html')
  assert.equal((await names()).length, 5)
  await files.delete('d/c.html')
  await files.write('d/b.txt', 'plain')
  assert.deepEqual(await names(), ['b.txt', 'keep'])
})

test('folders that become empty are removed, the root never', async () => {
  await using root = await temporaryRoot()
  await using files = localFiles({ root: root.path })
  await files.write('a/b/c/d', 'x')
  await files.write('a/e', 'x')
  await files.delete('a/b/c/d')
  assert.deepEqual(await readdir(join(root.path, 'a')), ['e'])
  await files.move('a/e', 'e')
  await files.delete('e')
  assert.deepEqual(await readdir(root.path), ['%tmp'])
})

test('no symbolic link leads out of the root, whenever it was planted', async () => {
  await using outside = await temporaryRoot()
  await using root = await temporaryRoot()
  await using files = localFiles({ root: root.path })
  await writeFile(join(outside.path, 'secret'), 'secret')
  await mkdir(join(outside.path, 'deep'))
  await files.write('real/file', 'x')
  await symlink(outside.path, join(root.path, 'folder'))
  await symlink(join(outside.path, 'secret'), join(root.path, 'real', 'link'))
  const refused = (work: Promise<unknown>) =>
    assert.rejects(work, error => InfrastructureError.is(error, 'permission_denied'))
  await refused(files.read('folder/secret'))
  await refused(files.stat('folder/secret'))
  await refused(files.write('folder/new', 'x'))
  await refused(files.write('folder/deep/new', 'x'))
  await refused(files.delete('folder/secret'))
  await refused(files.read('real/link'))
  assert.equal(await files.stat('real/link'), undefined)
  const listed: string[] = []
  for await (const { path } of files.list()) listed.push(path)
  assert.deepEqual(listed, ['real/file'])

  // A folder that was in order a moment ago.
  await files.write('swap/deep/file', 'x')
  await rename(join(root.path, 'swap'), join(outside.path, 'swap'))
  await symlink(outside.path, join(root.path, 'swap'))
  await refused(files.write('swap/deep/file', 'y'))
  await refused(files.write('swap/secret', 'y'))

  // A write replaces the link itself.
  await files.write('real/link', 'mine')
  assert.equal(await readFile(join(outside.path, 'secret'), 'utf8'), 'secret')
  assert.equal(await (await files.read('real/link')).text(), 'mine')
  assert.deepEqual((await readdir(outside.path)).sort(), ['deep', 'secret', 'swap'])
})

test('the root itself may lie behind a link, and is made when it is not there', async () => {
  await using root = await temporaryRoot()
  await mkdir(join(root.path, 'disk'))
  await symlink(join(root.path, 'disk'), join(root.path, 'mount'))
  await using files = localFiles({ root: join(root.path, 'mount/shop/files') })
  await files.write('a/b', 'x')
  assert.equal(await readFile(join(root.path, 'disk/shop/files/a/b'), 'utf8'), 'x')
})

test('at the start, what crashed processes left is removed, and nothing of the living', async () => {
  await using root = await temporaryRoot()
  const folder = join(root.path, '%tmp')
  await mkdir(folder)
  const here = hostname().replace(/[^\w.-]/g, '_')
  const old = new Date(Date.now() - 1000 * 60 * 60 * 24 * 365)
  const plant = async (name: string, at?: Date) => {
    await writeFile(join(folder, name), 'part')
    if (at) await utimes(join(folder, name), at, at)
  }
  await plant(`${here}~2147483646~x-1`)
  await plant(`${here}~${process.ppid}~x-1`, old)
  await plant(`${here}~${process.pid}~x-1`)
  await plant(`${here}~${process.pid}~x-2`, old)
  await plant('another-host~1~x-1')
  await plant('another-host~1~x-2', old)
  await using files = localFiles({ root: root.path })
  await files.start()
  assert.deepEqual(
    (await readdir(folder)).sort(),
    [`${here}~${process.ppid}~x-1`, `${here}~${process.pid}~x-1`, 'another-host~1~x-1'].sort(),
  )
})

test('files that others put into the folder are read, listed and replaced', async () => {
  await using root = await temporaryRoot()
  await mkdir(join(root.path, 'in'))
  await writeFile(join(root.path, 'in', 'data.csv'), 'a,b')
  await writeFile(join(root.path, 'in', 'odd:name'), 'not a name that a path has')
  await using files = localFiles({ root: root.path })
  const info = await files.stat('in/data.csv')
  assert.equal(info?.contentType, 'text/csv; charset=utf-8')
  const listed: string[] = []
  for await (const { path } of files.list()) listed.push(path)
  assert.deepEqual(listed, ['in/data.csv'])
  await files.write('in/data.csv', 'c', { ifMatch: info!.etag })
  assert.equal(await readFile(join(root.path, 'in', 'data.csv'), 'utf8'), 'c')
})

test('two storages over one root agree, and create a file once between them', async () => {
  await using root = await temporaryRoot()
  await using one = localFiles({ root: root.path })
  await using other = localFiles({ root: root.path })
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) => (n % 2 ? one : other).write('a/b', String(n), { ifAbsent: true })),
  )
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  // One prunes the folder again and again while the other writes into it.
  const writing = (async () => {
    for (let n = 0; n < 60; n++) await one.write(`p/q/${n}`, 'x')
  })()
  const deleting = (async () => {
    for (let n = 0; n < 60; n++) await other.delete(`p/q/${n}`)
  })()
  await Promise.all([writing, deleting])
  assert.deepEqual(await one.stat('p/q/59'), await other.stat('p/q/59'))
})

test('the time of a file is the given clock’s', async () => {
  await using root = await temporaryRoot()
  const now = Date.parse('2010-12-01T08:26:00.123Z')
  await using files = localFiles({ root: root.path, clock: { ...systemClock, now: () => now } })
  for (let n = 0; n < 5; n++) {
    const { modifiedAt } = await files.write('a', `${n}`)
    assert.equal(modifiedAt.toISOString(), '2010-12-01T08:26:00.123Z')
  }
  assert.equal((await files.stat('a'))?.modifiedAt.getTime(), now)
})

test('errors say what to do, and never where the root is', async () => {
  await using root = await temporaryRoot()
  await writeFile(join(root.path, 'file'), '')
  await using files = localFiles({ root: join(root.path, 'file') })
  const error = await files.write('a', 'x').catch((thrown: unknown) => thrown)
  assert.ok(InfrastructureError.is(error, 'conflict'))
  assert.equal(error.message.includes(root.path), false)
  assert.equal((await files.health()).status, 'down')
  await using long = localFiles({ root: root.path })
  const name = await long.write('x'.repeat(256), 'x').catch((thrown: unknown) => thrown)
  assert.ok(InfrastructureError.is(name, 'invalid_argument'))
  assert.deepEqual(await readdir(join(root.path, '%tmp')), [])
  assert.equal((await long.health()).status, 'up')
  await long.stop()
  await long.stop()
  assert.equal((await long.health()).status, 'down')
})

test('a large stream passes through without being held', async () => {
  await using root = await temporaryRoot()
  await using files = localFiles({ root: root.path, durability: 'process' })
  const piece = new Uint8Array(256 * 1024).fill(7)
  const pieces = 256
  let ahead = 0
  let taken = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < pieces; n++) {
      ahead += 1
      yield piece
      taken += 1
      // Asked for the next one only when this one was written.
      assert.equal(ahead, taken)
    }
  }
  const { size } = await files.write('large', source())
  assert.equal(size, piece.length * pieces)
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  let read = 0
  let chunks = 0
  for await (const chunk of await files.read('large')) {
    read += chunk.length
    if (++chunks % 64 !== 0) continue
    collectGarbage()
    const held = process.memoryUsage().arrayBuffers - before
    assert.ok(held < size / 4, `${held} bytes were held`)
  }
  assert.equal(read, size)
})
