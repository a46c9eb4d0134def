import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { openFiles } from 'portolan/files'
import { temporaryRoot } from './support/temporary-root.ts'

test('a URL names a folder, relative or absolute, or memory', async () => {
  await using root = await temporaryRoot()
  const urls = {
    [`file:${root.path}/absolute`]: 'absolute',
    [`file://${root.path}/three%20slashes?durability=process`]: 'three slashes',
    [`file:./${relative(process.cwd(), root.path)}/relative`]: 'relative',
  }
  for (const [url, folder] of Object.entries(urls)) {
    await using files = await openFiles(url)
    await files.write('a', url)
    assert.equal(await readFile(join(root.path, folder, 'a'), 'utf8'), url)
  }
  await using memory = await openFiles('memory:')
  assert.equal(memory.capabilities.persistent, false)
  await using other = await openFiles('memory:')
  await memory.write('a', 'x')
  assert.equal(await other.stat('a'), undefined)
})

test('a URL that is not understood says what is', async () => {
  const refused = (url: string, message: RegExp) =>
    assert.rejects(
      openFiles(url),
      error => InfrastructureError.is(error, 'invalid_argument') && message.test(error.message),
    )
  await refused('s4://bucket?secret=canary', /'s4:' is no file storage\. Use 'file:/)
  await refused('./files', /is no file storage/)
  await refused('file:', /names no folder/)
  await refused('file://host/share', /names no folder/)
  await refused('file:./a?durable=no', /no parameter 'durable'\. Known: durability/)
  await refused('file:./a?durability=maybe', /'full' or 'process'/)
  await refused('file:./100%', /'%25'/)
  await refused('memory:?durability=full', /no parameter 'durability'/)
})
