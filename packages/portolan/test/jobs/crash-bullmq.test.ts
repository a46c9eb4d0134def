import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openJobs } from 'portolan/jobs'
import { skipWithout } from 'portolan-engines'
import { type RedisPlace, redisPlace } from './bullmq-harness.ts'
import { Poison, WriteEffect } from './fixtures/job.ts'

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
  let kills = 0
  await Promise.all(
    [50, 90].map(async killAfterMs => {
      for (let life = 0; (await jobs.list({ limit: 1 })).length > 0; life++) {
        assert.ok(life < 20, 'the workers get on with it')
        const worker = live(there, '1s')
        const exited = once(worker, 'exit')
        if (life === 0) {
          while ((await jobs.status()).running === 0 && isAlive(worker)) await sleep(5)
          await sleep(killAfterMs)
          worker.kill('SIGKILL')
        }
        const [code, signal] = await exited
        if (signal === 'SIGKILL') kills++
        else assert.equal(code, 0)
      }
    }),
  )
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
  await jobs.enqueueMany(
    Poison,
    Array.from({ length: 60 }, (_, n) => ({ payload: { n, deadly: n === 30 } })),
  )
  let kills = 0
  while ((await jobs.list({ limit: 1 })).length > 0) {
    const [, signal] = await once(live(there, '3s'), 'exit')
    if (signal === 'SIGKILL') kills++
    assert.ok(kills <= Poison.attempts, 'it is given up after its attempts')
  }
  assert.equal(kills, Poison.attempts)
  const dead = await jobs.deadLetters.list()
  assert.deepEqual(
    dead.map(({ payload, attempts }) => [payload, attempts]),
    [[{ n: 30, deadly: true }, Poison.attempts]],
  )
  assert.equal(new Set(await effects(there)).size, 59)
})

/** Starts a worker that ends when nothing is left to do. */
function live({ url }: RedisPlace, lease: string): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', script, url, lease], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

async function effects({ client, prefix }: RedisPlace): Promise<number[]> {
  return (await client.lrange(`${prefix}:effects`, 0, -1)).map(Number)
}
