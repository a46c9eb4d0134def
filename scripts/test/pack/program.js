// Every entry point loads where nothing but the package and its dependencies is installed, and works without types.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createJobs, defineJob } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import { z } from 'zod'

const manifest = JSON.parse(readFileSync('node_modules/portolan/package.json', 'utf8'))
const entries = Object.keys(manifest.exports).filter(entry => entry !== './package.json')
for (const entry of entries) {
  const module = await import(entry.replace('.', 'portolan'))
  assert.ok(Object.keys(module).length > 0, `${entry} exports nothing`)
}

const Greet = defineJob('greet', { schema: z.object({ name: z.string() }) })
await using database = await openDatabase('sqlite::memory:')
await using jobs = createJobs({ database })
const greeted = Promise.withResolvers()
jobs.work(Greet, {}, ({ name }) => greeted.resolve(name))
await jobs.start()

await database.run(() => jobs.enqueue(Greet, { name: 'Ada' }))
assert.equal(await greeted.promise, 'Ada')
await assert.rejects(jobs.enqueue(Greet, { name: 42 }), { code: 'invalid_argument' })
console.log(`used from JavaScript: ${entries.length} entry points`)
