import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipWithout } from 'portolan-engines'
import { jobType, until } from '../../src/contracts/jobs-kit.ts'
import { harness } from './harness.ts'

const skip = await skipWithout('postgres')

test('health names the transaction that keeps PostgreSQL from cleaning up, for as long as it is open', {
  skip,
}, async () => {
  await using there = await harness('postgres')
  const jobs = there.open({ lagLimit: 300, poll: 10 })
  jobs.work(jobType(), {}, () => {})
  await jobs.start()
  assert.deepEqual(await jobs.health(), { status: 'up' })
  const holding = Promise.withResolvers<void>()
  const report = there.database.run(
    async () => {
      await there.database.query('select 1 as one')
      await holding.promise
    },
    { isolation: 'repeatable_read' },
  )
  await until('it is told', async () => (await jobs.health()).status === 'degraded')
  assert.match(
    (await jobs.health()).detail!,
    /^A transaction of session \d+ \(portolan\) has been open for \d+ s/,
  )
  holding.resolve()
  await report
  await until('it is well again', async () => (await jobs.health()).status === 'up')
})
