import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createJobs } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import { skipWithout } from 'portolan-engines'
import { WriteEffect } from './fixtures/job.ts'
import { type EngineOfJobs, enginesOfJobs, place } from './harness.ts'

const script = fileURLToPath(new URL('./fixtures/blocking-worker.ts', import.meta.url))
// Long enough for the thread to load a client of the database on a machine that is busy with many tests.
const leaseMs = 12_000

// They wait for most of their time.
describe('a handler that blocks the event loop for longer than the lease', { concurrency: 4 }, async () => {
  for (const engine of enginesOfJobs) {
    const skip = engine !== 'sqlite' && (await skipWithout(engine))
    test(`${engine}: keeps its job`, { skip }, async () => {
      assert.deepEqual(await othersAttempts(engine, 'kept', leaseMs * 1.25), [])
    })
  }
  test('sqlite: the control: without the thread that keeps the lease, another worker does it again', async () => {
    assert.deepEqual(await othersAttempts('sqlite', 'naive', leaseMs * 1.25), [2])
  })
})

/** The attempts that fall to another worker. */
async function othersAttempts(engine: EngineOfJobs, mode: 'kept' | 'naive', blockedMs: number) {
  await using there = await place(engine)
  await using database = await openDatabase(there.url)
  await using jobs = createJobs({ database, poll: 50 })
  await database.execute('CREATE TABLE effect (n INTEGER NOT NULL)')
  const attempts: number[] = []
  jobs.work(WriteEffect, {}, (_, { attempt }) => {
    attempts.push(attempt)
  })
  await using front = createJobs({ database })
  await front.enqueue(WriteEffect, { n: 1 })
  const args = ['--conditions=source', script, there.url, mode, String(leaseMs), String(blockedMs)]
  const blocked = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(blocked, 'exit')
  while ((await front.status()).running === 0) {
    assert.equal(blocked.exitCode, null, 'it takes the job')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  await jobs.start()
  await exited
  const effects = await database.query('SELECT n FROM effect')
  assert.equal(effects.length + attempts.length, 1, 'it was done once')
  return attempts
}
