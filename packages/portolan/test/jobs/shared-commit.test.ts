import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WriteEffect } from './fixtures/job.ts'
import { harness } from './harness.ts'

for (const inUnit of [false, true]) {
  const where = inUnit ? 'in a unit of work' : 'by itself'
  test(`sqlite: a job that is enqueued ${where} begins after one commit, which holds its claim as well`, async () => {
    await using there = await harness('sqlite')
    const { database } = there
    const jobs = there.open()
    let commits = 0
    let begun = Promise.withResolvers<number>()
    jobs.work(WriteEffect, {}, () => begun.resolve(commits))
    await jobs.start()
    const settled = async () => {
      while ((await jobs.list()).length > 0) await sleep(5)
    }
    await jobs.enqueue(WriteEffect, { n: 0 })
    await begun.promise
    await settled()
    const unlisten = database.onCommit(() => commits++)
    begun = Promise.withResolvers()
    if (inUnit) await database.run(() => jobs.enqueue(WriteEffect, { n: 1 }))
    else await jobs.enqueue(WriteEffect, { n: 1 })
    assert.equal(await begun.promise, 1)
    unlisten()
    await settled()
  })
}

test('sqlite: nothing begins of what is rolled back, and the worker goes on', async () => {
  await using there = await harness('sqlite')
  const { database } = there
  const jobs = there.open()
  const begun: number[] = []
  const last = Promise.withResolvers<void>()
  jobs.work(WriteEffect, {}, ({ n }) => {
    begun.push(n)
    if (n === 2) last.resolve()
  })
  await jobs.start()
  const refused = database.run(async () => {
    await jobs.enqueue(WriteEffect, { n: 1 })
    await database.run(() => jobs.enqueue(WriteEffect, { n: 1 }), { propagation: 'nested' })
    throw new Error('no')
  })
  await assert.rejects(refused, /no/)
  await jobs.enqueue(WriteEffect, { n: 2 })
  await last.promise
  assert.deepEqual(begun, [2])
})
