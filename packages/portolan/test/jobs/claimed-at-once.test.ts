import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { InfrastructureError } from 'portolan'
import { createJobs, type JobService } from 'portolan/jobs'
import type { Database } from 'portolan/persistence'
import { skipWithout } from 'portolan-engines'
import { take } from '../../src/jobs/drivers/postgres/statements.ts'
import { WriteEffect } from './fixtures/job.ts'
import { harness } from './harness.ts'

const skip = await skipWithout('postgres')

test('postgres: a job that can begin at once is stored as claimed, so nobody asks for it', {
  skip,
}, async () => {
  await using there = await harness('postgres')
  const { claims, database } = counting(there.database)
  await using jobs = createJobs({ database })
  const begun: [number, number][] = []
  jobs.work(WriteEffect, {}, ({ n }, { attempt }) => {
    begun.push([n, attempt])
  })
  await jobs.start()
  await jobs.enqueue(WriteEffect, { n: 1 })
  await quiet(jobs)
  const before = claims()
  await Promise.all([2, 3].map(n => jobs.enqueue(WriteEffect, { n })))
  await quiet(jobs)
  assert.equal(claims(), before)
  await jobs.enqueue(WriteEffect, { n: 4 }, { delay: 1 })
  await quiet(jobs)
  assert.equal(claims(), before + 1)
  assert.deepEqual(
    begun.sort(([a], [b]) => a - b),
    [1, 2, 3, 4].map(n => [n, 1]),
  )
})

test('postgres: what is stored as claimed keeps within the concurrency, and in its order', {
  skip,
}, async () => {
  await using there = await harness('postgres')
  const jobs = there.open()
  let running = 0
  let most = 0
  const begun: number[] = []
  jobs.work(WriteEffect, { concurrency: 2 }, async ({ n }) => {
    begun.push(n)
    most = Math.max(most, ++running)
    await sleep(2)
    running--
  })
  await jobs.start()
  await jobs.enqueue(WriteEffect, { n: -1 })
  await quiet(jobs)
  const numbers = Array.from({ length: 40 }, (_, n) => n)
  for (const n of numbers) {
    void jobs.enqueue(WriteEffect, { n })
    if (n % 5 === 0) await sleep(1)
  }
  await quiet(jobs, () => begun.length > numbers.length)
  assert.equal(most, 2)
  assert.deepEqual(begun, [-1, ...numbers])
})

test('postgres: a handler does not carry the context of the caller that enqueued its job', {
  skip,
}, async () => {
  await using there = await harness('postgres')
  const jobs = there.open()
  const request = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  jobs.work(WriteEffect, {}, () => {
    seen.push(request.getStore())
  })
  await jobs.start()
  await jobs.enqueue(WriteEffect, { n: 1 })
  await quiet(jobs)
  await request.run('request', () => jobs.enqueue(WriteEffect, { n: 2 }))
  await quiet(jobs)
  assert.deepEqual(seen, [undefined, undefined])
})

test('postgres: a job whose enqueue ended in the dark is done all the same, and its attempt is the first', {
  skip,
}, async () => {
  await using there = await harness('postgres')
  let dark = false
  const database = watched(there.database, (name, call) => {
    if (name !== 'run' || !dark) return call()
    dark = false
    return (async () => {
      await call()
      throw new InfrastructureError('unavailable', 'Nobody knows whether it was committed.')
    })()
  })
  await using jobs = createJobs({ database })
  const begun: [number, number][] = []
  jobs.work(WriteEffect, {}, ({ n }, { attempt }) => {
    begun.push([n, attempt])
  })
  await jobs.start()
  await jobs.enqueue(WriteEffect, { n: 1 })
  await quiet(jobs)
  dark = true
  await assert.rejects(jobs.enqueue(WriteEffect, { n: 2 }), /Nobody knows/)
  await quiet(jobs)
  assert.deepEqual(begun, [
    [1, 1],
    [2, 1],
  ])
})

/** Waits until nothing is left, and the worker knows it. */
async function quiet(jobs: JobService, enough = () => true): Promise<void> {
  while (!enough() || (await jobs.list()).length > 0) await sleep(5)
  await sleep(60)
}

/** `there` as a database that counts how often jobs are claimed. */
function counting(there: Database) {
  let count = 0
  const database = watched(there, (_, call, [sql]) => {
    if (sql === take) count++
    return call()
  })
  return { database, claims: () => count }
}

/** `there`, with `around` each of its functions. */
function watched(
  there: Database,
  around: (name: string | symbol, call: () => unknown, given: readonly unknown[]) => unknown,
): Database {
  return new Proxy(there, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) =>
        around(name, () => Reflect.apply(value, target, given) as unknown, given)
    },
  })
}
