import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob, exponential, InfrastructureError, permanent } from 'portolan'
import { createJobs } from 'portolan/jobs'
import { z } from 'zod'
import { retryDelay } from '../../src/jobs/retry.ts'
import { sqliteHarness } from './harness.ts'

const schema = z.object({ orderId: z.string() })

test('a definition has the documented defaults', () => {
  const { schema: _, ...job } = defineJob('send-receipt', { schema })
  assert.deepEqual(job, {
    kind: 'job',
    name: 'send-receipt',
    attempts: 5,
    backoff: { from: '1s', to: '10m' },
    timeout: '1m',
    upcasters: {},
    version: 1,
    priority: 'normal',
  })
})

test('definitions that make no sense are refused', () => {
  const refused = (make: () => unknown) =>
    assert.throws(make, (error: unknown) => InfrastructureError.is(error, 'invalid_argument'))
  refused(() => defineJob(' ', { schema }))
  refused(() => defineJob('a', { schema, attempts: 0 }))
  refused(() => defineJob('a', { schema, attempts: 1.5 }))
  refused(() => defineJob('a', { schema, timeout: 0 }))
  refused(() => defineJob('a', { schema, timeout: 'soon' as '1s' }))
  refused(() => defineJob('a', { schema, priority: 'urgent' as 'high' }))
  refused(() => defineJob('a', { schema, keepDead: 'long' as '1d' }))
  refused(() => defineJob('a', { schema, limits: { groupRate: { jobs: 0, per: '1s' } } }))
  refused(() => defineJob('a', { schema, limits: { groupRate: { jobs: 1, per: 0 } } }))
  refused(() => exponential({ from: '2s', to: '1s' }))
})

test('pauses double up to the longest one, with jitter over their upper half', () => {
  const pause = (attempt: number, drawn: number) =>
    retryDelay(exponential({ from: '1s', to: '6s' }), attempt, new Error(), {
      next: () => drawn,
      bytes: length => new Uint8Array(length),
    })
  assert.deepEqual(
    [1, 2, 3, 4, 60].map(attempt => pause(attempt, 0)),
    [500, 1000, 2000, 3000, 3000],
  )
  assert.deepEqual(
    [1, 2, 3, 4, 60].map(attempt => pause(attempt, 0.999999)),
    [1000, 2000, 4000, 6000, 6000],
  )
})

test('permanent keeps the error as its cause', () => {
  const cause = new TypeError('broken')
  assert.equal(permanent(cause).cause, cause)
  assert.equal(permanent('text').message, 'text')
})

test('types follow the schema', async () => {
  await using harness = await sqliteHarness()
  const jobs = createJobs({ database: harness.database, mode: 'manual' })
  const SendReceipt = defineJob('send-receipt', { schema })
  jobs.work(SendReceipt, {}, payload => {
    const text: string = payload.orderId
    // @ts-expect-error the schema knows no such field
    const missing: unknown = payload.customer
    void [text, missing]
  })
  // @ts-expect-error a field of the wrong type
  await assert.rejects(jobs.enqueue(SendReceipt, { orderId: 1 }))
  // @ts-expect-error a missing field
  await assert.rejects(jobs.enqueue(SendReceipt, {}))
  // @ts-expect-error a payload of the wrong type
  jobs.schedule('s', { cron: '* * * * *' }, SendReceipt, { orderId: 1 })
})
