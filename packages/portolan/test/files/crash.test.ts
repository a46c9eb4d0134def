import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { localFiles } from 'portolan/files'
import { temporaryRoot } from './support/temporary-root.ts'

test('a process killed in its writes leaves old or new, never a part, and what it left over is removed', async () => {
  await using root = await temporaryRoot()
  for (const [round, size] of [10_000, 200_000, 200_000, 1_000_000].entries()) {
    const child = fork(new URL('support/writer.ts', import.meta.url), [root.path, String(size)], {
      execArgv: ['--conditions=source'],
    })
    await once(child, 'message')
    // Some more writes, a number of them that differs from round to round.
    for (let turn = 0; turn < 40 + round * 37; turn++) await new Promise(resolve => setImmediate(resolve))
    child.kill('SIGKILL')
    await once(child, 'exit')

    await using files = localFiles({ root: root.path })
    for (const name of ['a', 'b', 'c', 'd']) {
      const file = await files.read(`deep/${name}`)
      const bytes = await file.bytes()
      assert.equal(bytes.length, size)
      assert.ok(
        bytes.every(byte => byte === bytes[0]),
        `${name} is of one version`,
      )
      // Content and properties are of the same version.
      if (file.info.metadata.version !== undefined) assert.equal(Number(file.info.metadata.version), bytes[0])
    }
    assert.deepEqual(await readdir(join(root.path, '%tmp')), [])
    const listed: string[] = []
    for await (const { path } of files.list()) listed.push(path)
    assert.deepEqual(listed, ['deep/a', 'deep/b', 'deep/c', 'deep/d'])
  }
})
