import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standingClock } from 'portolan/runtime'
import { skipWithout } from 'portolan-engines'
import { WriteEffect } from './fixtures/job.ts'
import { enginesOfJobs, harness } from './harness.ts'

for (const engine of enginesOfJobs) {
  const skip = engine !== 'sqlite' && (await skipWithout(engine))
  test(`${engine}: keys that were held long enough are forgotten by the workers`, { skip }, async () => {
    await using there = await harness(engine)
    const clock = standingClock('2026-01-01T10:00:00Z')
    const jobs = there.open({ mode: 'manual', clock })
    /** What a worker leaves that has just begun: they look after it once in a while. */
    const keys = async () => {
      await there.open({ mode: 'manual', clock }).runDue()
      const rows = await there.database.query<{ unique_key: string }>(
        'select unique_key from portolan_job_key order by unique_key',
      )
      return rows.map(({ unique_key: key }) => key)
    }
    await jobs.enqueue(WriteEffect, { n: 1 }, { unique: { key: 'hour', for: '1h' } })
    await jobs.enqueue(WriteEffect, { n: 2 }, { unique: { key: 'minute', for: '1m' } })
    assert.deepEqual(await keys(), ['hour', 'minute'])
    clock.advance('2m')
    assert.deepEqual(await keys(), ['hour'])
    clock.advance('1h')
    assert.deepEqual(await keys(), [])
  })
}
