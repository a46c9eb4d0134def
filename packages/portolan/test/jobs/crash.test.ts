import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createJobs } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import { skipWithout } from 'portolan-engines'
import { Poison, WriteEffect } from './fixtures/job.ts'
import { type EngineOfJobs, enginesOfJobs, type Place, place } from './harness.ts'

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
    await jobs.enqueueMany(
      Poison,
      Array.from({ length: 60 }, (_, n) => ({ payload: { n, deadly: n === 30 } })),
    )
    let kills = 0
    while ((await jobs.list({ limit: 1 })).length > 0) {
      const [, signal] = await once(live(there, 'careful'), 'exit')
      if (signal === 'SIGKILL') kills++
      assert.ok(kills <= Poison.attempts, 'it is given up after its attempts')
    }
    assert.equal(kills, Poison.attempts)
    const dead = await jobs.deadLetters.list()
    assert.deepEqual(
      dead.map(({ payload, attempts }) => [payload, attempts]),
      [[{ n: 30, deadly: true }, Poison.attempts]],
    )
    const [row] = await database.query('SELECT count(*) AS effects, count(DISTINCT n) AS jobs FROM effect')
    assert.deepEqual({ ...row }, { effects: 59, jobs: 59 })
  })
}

/** Starts a worker that ends when nothing is left to do. */
function live({ url, folder }: Place, mode: 'careful' | 'naive') {
  return spawn(process.execPath, ['--conditions=source', script, url, folder, mode], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Two workers at a time, each followed by another one while jobs are left; the first two are killed from outside as well. */
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
  let kills = 0
  await Promise.all(
    [70, 130].map(async killAfterMs => {
      for (let life = 0; (await jobs.list({ limit: 1 })).length > 0; life++) {
        assert.ok(life < 20, 'the workers get on with it')
        const worker = live(there, mode)
        const exited = once(worker, 'exit')
        if (life === 0) {
          while (
            (await jobs.status()).running === 0 &&
            worker.exitCode === null &&
            worker.signalCode === null
          )
            await sleep(5)
          await sleep(killAfterMs)
          worker.kill('SIGKILL')
        }
        const [code, signal] = await exited
        if (signal === 'SIGKILL') kills++
        else assert.equal(code, 0)
      }
    }),
  )
  const rows = await database.query<{ n: number; times: number }>(
    'SELECT n, count(*) AS times FROM effect GROUP BY n ORDER BY n',
  )
  return {
    effects: new Map(rows.map(({ n, times }) => [n, times])),
    kills,
    dead: await jobs.deadLetters.count(),
  }
}
