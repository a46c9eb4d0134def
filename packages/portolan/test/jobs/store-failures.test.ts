import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { createJobs } from 'portolan/jobs'
import type { Database } from 'portolan/persistence'
import { skipWithout } from 'portolan-engines'
import { WriteEffect } from './fixtures/job.ts'
import { enginesOfJobs, harness } from './harness.ts'

/** A database whose units of work fail now and then: before they begin, or after they have committed, as a cut connection does. */
function flaky(database: Database): Database {
  let units = 0
  return new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'run') return value.bind(target) as unknown
      return async (work: () => Promise<unknown>) => {
        const unit = ++units
        if (unit % 5 === 2) throw new InfrastructureError('unavailable', 'The disk is full.')
        const result = await target.run(work)
        if (unit % 5 === 4)
          throw new InfrastructureError('unavailable', 'Nobody knows whether it was committed.')
        return result
      }
    },
  })
}

for (const engine of enginesOfJobs) {
  const skip = engine !== 'sqlite' && (await skipWithout(engine))
  test(`${engine}: exchanges that fail, also after their commit, lose no job and count no attempt that was not made`, {
    skip,
  }, async () => {
    await using there = await harness(engine)
    const stable = there.open()
    await stable.enqueueMany(
      WriteEffect,
      Array.from({ length: 200 }, (_, n) => ({ payload: { n } })),
    )
    await using jobs = createJobs({ database: flaky(there.database), poll: 20 })
    const seen = new Map<number, number[]>()
    jobs.work(WriteEffect, { concurrency: 5 }, ({ n }, { attempt }) => {
      seen.set(n, [...(seen.get(n) ?? []), attempt])
      if (n % 50 === 0 && attempt === 1) throw new Error('fails')
    })
    await jobs.start()
    while ((await stable.list({ limit: 1 })).length > 0) await new Promise(resolve => setTimeout(resolve, 5))
    assert.equal(seen.size, 200)
    assert.equal(await stable.deadLetters.count(), 0)
    for (const [n, attempts] of seen)
      assert.deepEqual(attempts, n % 50 === 0 ? [1, 2] : [1], `the attempts of job ${n}`)
  })
}
