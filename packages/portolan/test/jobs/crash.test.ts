import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createJobs } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import { skipWithout } from 'portolan-engines'
import { WriteEffect } from './fixtures/job.ts'
import { type EngineOfJobs, enginesOfJobs, type Place, place } from './harness.ts'
import { startWorker, surviveKills, survivePoison } from './lives.ts'

const count = 360
const script = fileURLToPath(new URL('./fixtures/worker.ts', import.meta.url))

for (const engine of enginesOfJobs) {
  const skip = engine !== 'sqlite' && (await skipWithout(engine))

  test(`${engine}: workers that are killed lose no job, and completion in the transaction makes each effect happen once`, {
    skip,
  }, async () => {
    const { effects, kills, dead } = await run(engine, 'careful')
    assert.ok(kills >= 4, `${kills} workers were killed`)
    assert.deepEqual(effects, new Map(Array.from({ length: count }, (_, n) => [n, 1])))
    assert.equal(dead, 0)
  })

  test(`${engine}: the control: without completion in the transaction nothing is lost either, but effects are doubled`, {
    skip,
  }, async () => {
    const { effects, dead } = await run(engine, 'naive')
    assert.equal(effects.size, count)
    assert.ok(
      [...effects.values()].some(times => times > 1),
      'the same kills double an effect',
    )
    assert.equal(dead, 0)
  })

  test(`${engine}: a job that kills its worker each time ends as a dead letter, and takes none of its neighbours along`, {
    skip,
  }, async () => {
    await using there = await place(engine)
    await using database = await openDatabase(there.url)
    await using jobs = createJobs({ database })
    await database.execute('CREATE TABLE effect (n INTEGER NOT NULL)')
    await survivePoison(jobs, () => live(there, 'careful'))
    const [row] = await database.query('SELECT count(*) AS effects, count(DISTINCT n) AS jobs FROM effect')
    assert.deepEqual({ ...row }, { effects: 59, jobs: 59 })
  })
}

function live({ url, folder }: Place, mode: 'careful' | 'naive') {
  return startWorker(script, url, folder, mode)
}

async function run(engine: EngineOfJobs, mode: 'careful' | 'naive') {
  await using there = await place(engine)
  await using database = await openDatabase(there.url)
  await using jobs = createJobs({ database })
  await database.execute('CREATE TABLE effect (n INTEGER NOT NULL)')
  await jobs.enqueueMany(
    WriteEffect,
    Array.from({ length: count }, (_, n) => ({
      payload: { n },
      ...(n % 4 === 0 && { group: `g${n % 12}` }),
    })),
  )
  const kills = await surviveKills(jobs, () => live(there, mode), [70, 130])
  const rows = await database.query<{ n: number; times: number }>(
    'SELECT n, count(*) AS times FROM effect GROUP BY n ORDER BY n',
  )
  return {
    effects: new Map(rows.map(({ n, times }) => [n, times])),
    kills,
    dead: await jobs.deadLetters.count(),
  }
}
