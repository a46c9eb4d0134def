import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openJobs } from 'portolan/jobs'
import { skipWithout } from 'portolan-engines'
import { type RedisPlace, redisPlace } from './bullmq-harness.ts'
import { WriteEffect } from './fixtures/job.ts'
import { startWorker, surviveKills, survivePoison } from './lives.ts'

const count = 360
const script = fileURLToPath(new URL('./fixtures/bullmq-worker.ts', import.meta.url))
const skip = await skipWithout('redis')

test('bullmq: workers that are killed lose no job: others do what they had in hand', { skip }, async () => {
  await using there = await redisPlace()
  await using jobs = await openJobs(there.url)
  await jobs.enqueueMany(
    WriteEffect,
    Array.from({ length: count }, (_, n) => ({ payload: { n } })),
  )
  const kills = await surviveKills(jobs, () => startWorker(script, there.url, '1s'), [50, 90])
  assert.ok(kills >= 6, `${kills} workers were killed`)
  const done = new Set(await effects(there))
  assert.deepEqual(
    [...done].sort((a, b) => a - b),
    Array.from({ length: count }, (_, n) => n),
  )
  assert.equal(await jobs.deadLetters.count(), 0)
})

test('bullmq: a job that kills its worker each time ends as a dead letter, and takes none of its neighbours along', {
  skip,
}, async () => {
  await using there = await redisPlace()
  await using jobs = await openJobs(there.url)
  await survivePoison(jobs, () => startWorker(script, there.url, '3s'))
  assert.equal(new Set(await effects(there)).size, 59)
})

async function effects({ client, prefix }: RedisPlace): Promise<number[]> {
  return (await client.lrange(`${prefix}:effects`, 0, -1)).map(Number)
}
