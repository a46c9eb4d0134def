import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { InfrastructureError } from 'portolan'
import { defineJob, openJobs } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import { skipUnlessInstalled, skipWithout, startProxy, startServer } from 'portolan-engines'
import { z } from 'zod'
import { failure } from '../../src/contracts/failure.ts'
import { until } from '../../src/contracts/jobs-kit.ts'
import { silentLogger } from '../../src/runtime/surroundings.ts'
import { portolan } from '../cli/portolan.ts'
import { redisPlace } from './bullmq-harness.ts'

const skip = await skipWithout('redis')
const skipOwn = skipUnlessInstalled('redis')

const Count = defineJob('count: it', { schema: z.object({ n: z.number() }), backoff: { from: 1, to: 2 } })
const Report = defineJob('report', { schema: z.object({ scheduledFor: z.string() }) })

const hourMs = 3_600_000

/** Each hour, half an hour before and after this test. */
function betweenRuns(): string {
  return `${(new Date().getUTCMinutes() + 30) % 60} * * * *`
}

test('a URL that is wrong is refused, without the password that it holds', async () => {
  for (const url of [
    'mysql://u:secret@h/d',
    'u:secret@h',
    'redis://u:secret@h?prefx=shop',
    'redis://u:secret@h?prefix=a:b',
  ]) {
    const error = await failure(openJobs(url))
    assert.equal(error.code, 'invalid_argument')
    assert.ok(!error.message.includes('secret'), error.message)
  }
})

test('BullMQ itself sees what was enqueued', { skip }, async () => {
  await using there = await redisPlace()
  await using jobs = await openJobs(there.url)
  const id = await jobs.enqueue(Count, { n: 1 }, { priority: 'low', delay: '1h', unique: 'k' })
  const queue = new Queue('count%3A%20it', { connection: there.client, prefix: `${there.prefix}:jobs` })
  const job = await queue.getJob(id!)
  assert.deepEqual(
    [job?.name, job?.data, job?.delay, job?.priority, job?.deduplicationId, await job?.getState()],
    ['count: it', { version: 1, payload: { n: 1 } }, 3_600_000, 2, 'k', 'delayed'],
  )
  await queue.close()
})

test('operators see and change jobs from the command line', { skip }, async () => {
  await using there = await redisPlace()
  await using jobs = await openJobs(there.url, { mode: 'manual' })
  const id = await jobs.enqueue(Count, { n: 1 }, { delay: '1h' })
  const told = async (...args: string[]) => (await portolan(there.url, 'jobs', ...args)).out
  assert.match(await told('list'), new RegExp(`^${id} +count: it +scheduled +0 `, 'm'))
  assert.match(await told('pause', Count.name), /^Nothing of count: it is begun/)
  assert.match(await told('status'), /^count: it \(paused\) +0 +0 +1 /m)
  assert.match(await told('cancel', id!), /cancelled/)
  assert.deepEqual(await jobs.list(), [])
})

test('what was missed while nobody was there is skipped, run once, or made up for', { skip }, async () => {
  await using there = await redisPlace()
  const now = Date.now()
  for (const [missed, runs] of [
    ['skip', 0],
    ['once', 1],
    ['all', 4],
  ] as const) {
    const times: string[] = []
    const open = async () => {
      const jobs = await openJobs(there.url, { mode: 'manual' })
      const type = defineJob(`report-${missed}`, { schema: Report.schema })
      jobs.work(type, { concurrency: 1 }, ({ scheduledFor }) => {
        times.push(scheduledFor)
      })
      jobs.schedule(missed, { cron: betweenRuns(), missed }, type)
      await jobs.start()
      return jobs
    }
    await using first = await open()
    assert.equal(await first.runDue(), 0)
    await there.client.hset(`${there.prefix}:jobs-schedule:${missed}`, 'lastRunAt', now - 4 * hourMs)
    await using second = await open()
    await second.runDue()
    await second.runDue()
    assert.equal(times.length, runs, missed)
    assert.equal(new Set(times).size, runs)
    const [listed] = (await second.schedules()).filter(({ name }) => name === missed)
    assert.ok(Math.abs(listed!.nextRunAt!.getTime() - now) <= hourMs, 'the next run')
  }
})

test('a run that many fire at once is enqueued once', { skip }, async () => {
  await using there = await redisPlace()
  const open = async () => {
    const jobs = await openJobs(there.url, { mode: 'manual' })
    jobs.work(Report, {}, () => {})
    jobs.schedule('hourly', { cron: betweenRuns() }, Report)
    return jobs
  }
  await using first = await open()
  await first.start()
  for (let round = 0; round < 10; round++) {
    await there.client.hset(`${there.prefix}:jobs-schedule:hourly`, 'lastRunAt', Date.now() - 4 * hourMs)
    const services = await Promise.all(Array.from({ length: 5 }, open))
    const attempts = await Promise.all(services.map(jobs => jobs.runDue()))
    for (const jobs of services) await jobs.stop()
    assert.equal(
      attempts.reduce((sum, number) => sum + number, 0),
      1,
    )
  }
})

test('what is kept is found until its time is up, and then deleted', { skip }, async () => {
  await using there = await redisPlace()
  await using jobs = await openJobs(there.url, { mode: 'manual' })
  const type = defineJob('kept', { schema: Count.schema, keep: '400ms' })
  jobs.work(type, {}, ({ n }) => n * 2)
  const id = await jobs.enqueue(type, { n: 21 })
  await jobs.runDue()
  await until('it is found no more', async () => (await jobs.find(id!)) === undefined)
  await using later = await openJobs(there.url, { mode: 'manual' })
  later.work(type, {}, () => {})
  await later.runDue()
  assert.equal(await there.client.exists(`${there.prefix}:jobs:kept:${id}`), 0)
})

test('a retry waits as long as the other side asked for, and is done at once when somebody says so', {
  skip,
}, async () => {
  await using there = await redisPlace()
  await using jobs = await openJobs(there.url, { mode: 'manual' })
  let broken = true
  jobs.work(Count, {}, () => {
    if (broken)
      throw new InfrastructureError('rate_limited', 'Too many.', { retry: 'later', retryAfterMs: 60_000 })
  })
  const before = Date.now()
  const id = await jobs.enqueue(Count, { n: 1 })
  await jobs.runDue()
  const [job] = await jobs.retrying()
  assert.ok(job!.runAt.getTime() >= before + 60_000)
  assert.deepEqual([job?.attempt, job?.lastError], [1, 'rate_limited: Too many.'])
  const { retrying, scheduled, waiting } = await jobs.status()
  assert.deepEqual({ retrying, scheduled, waiting }, { retrying: 1, scheduled: 0, waiting: 0 })
  broken = false
  await jobs.retry(id!)
  assert.equal((await jobs.status()).retrying, 0)
  assert.equal(await jobs.runDue(), 1)
  assert.deepEqual(await jobs.list(), [])
})

test('no more are begun in a time than the rate allows, over two processes', { skip }, async () => {
  await using there = await redisPlace()
  const type = defineJob('slow', { schema: Count.schema, limits: { rate: { jobs: 3, per: '1h' } } })
  const services = [
    await openJobs(there.url, { mode: 'manual' }),
    await openJobs(there.url, { mode: 'manual' }),
  ]
  let begun = 0
  for (const jobs of services)
    jobs.work(type, {}, () => {
      begun++
    })
  await services[0]!.enqueueMany(
    type,
    Array.from({ length: 8 }, (_, n) => ({ payload: { n } })),
  )
  for (const jobs of services) await jobs.runDue()
  assert.equal(begun, 3)
  assert.equal((await services[1]!.status()).waiting, 5)
  for (const jobs of services) await jobs.stop()
})

test('without a database, jobs know of no unit of work; with one, its units are respected', {
  skip,
}, async () => {
  await using there = await redisPlace()
  await using database = await openDatabase('sqlite::memory:')
  await using blind = await openJobs(there.url, { mode: 'manual' })
  await using aware = await openJobs(there.url, { mode: 'manual', database })
  await database.run(async () => {
    assert.ok(await blind.enqueue(Count, { n: 1 }))
    const error = await failure(aware.enqueue(Count, { n: 2 }))
    assert.equal(error.code, 'unsupported')
    assert.match(error.message, /afterCommit/)
    database.afterCommit(async () => void (await aware.enqueue(Count, { n: 3 })))
  })
  await until('what was enqueued after the commit is there', async () => (await aware.list()).length === 2)
})

test('a server that may throw jobs away is refused, until it no longer does', { skip: skipOwn }, async () => {
  await using server = await startServer('redis')
  const admin = new Redis(server.port)
  await admin.config('SET', 'maxmemory', '100mb')
  await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
  await using jobs = await openJobs(`redis://127.0.0.1:${server.port}`)
  const error = await failure(jobs.status())
  assert.equal(error.code, 'precondition_failed')
  assert.match(error.message, /noeviction/)
  await admin.config('SET', 'maxmemory-policy', 'noeviction')
  assert.ok(await jobs.enqueue(Count, { n: 1 }))
  admin.disconnect()
})

test('a start warns of a server that keeps no file of what it was told', { skip: skipOwn }, async () => {
  await using server = await startServer('redis', { args: ['--appendonly', 'no'] })
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
  await using jobs = await openJobs(`redis://127.0.0.1:${server.port}`, { logger })
  await jobs.start()
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, /appendonly/)
})

test('a server that goes away loses no job, and its workers go on when it is back', {
  skip: skipOwn,
}, async () => {
  await using server = await startServer('redis')
  await using proxy = await startProxy({ host: '127.0.0.1', port: server.port })
  const url = `redis://127.0.0.1:${proxy.port}?command_timeout=500ms&connect_timeout=500ms`
  const done = new Set<number>()
  await using jobs = await openJobs(url, { lease: '1s', poll: '50ms' })
  jobs.work(Count, { concurrency: 3 }, async ({ n }) => {
    await sleep(5)
    done.add(n)
  })
  await jobs.start()
  const stored: number[] = []
  const happening: Promise<void>[] = []
  const faults = [
    async () => proxy.cut(),
    async () => {
      proxy.freeze()
      await sleep(700)
      proxy.thaw()
    },
    async () => {
      await server.kill()
      await server.restart()
    },
  ]
  for (let n = 0; n < 200; n++) {
    if (n % 50 === 25) happening.push(faults[Math.floor(n / 50) % 3]!())
    try {
      await jobs.enqueue(Count, { n })
      stored.push(n)
    } catch (error) {
      assert.ok(InfrastructureError.is(error, 'unavailable'), String(error))
      await sleep(20)
    }
  }
  await Promise.all(happening)
  assert.ok(stored.length > 100, `${stored.length} were stored`)
  await until('all are done', async () => {
    const left = await jobs.list({ limit: 1 }).catch(() => ['not told'])
    return left.length === 0
  })
  assert.deepEqual(
    stored.filter(n => !done.has(n)),
    [],
  )
  assert.equal((await jobs.health()).status, 'up')
})
