import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobService } from 'portolan/jobs'
import { Poison } from './fixtures/job.ts'

/** Starts a worker that ends when nothing is left to do. */
export function startWorker(script: string, ...parameters: string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', script, ...parameters], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/**
 * A worker for each of `killAfterMs`, each followed by another one while jobs are left; the first ones are killed from outside so long after
 * something runs. Resolves with how many were killed.
 */
export async function surviveKills(
  jobs: JobService,
  start: () => ChildProcess,
  killAfterMs: readonly number[],
): Promise<number> {
  let kills = 0
  await Promise.all(
    killAfterMs.map(async delayMs => {
      for (let life = 0; (await jobs.list({ limit: 1 })).length > 0; life++) {
        assert.ok(life < 20, 'the workers get on with it')
        const worker = start()
        const exited = once(worker, 'exit')
        if (life === 0) {
          while ((await jobs.status()).running === 0 && isAlive(worker)) await sleep(5)
          await sleep(delayMs)
          worker.kill('SIGKILL')
        }
        const [code, signal] = await exited
        if (signal === 'SIGKILL') kills++
        else assert.equal(code, 0)
      }
    }),
  )
  return kills
}

/** Enqueues sixty jobs of which one kills its worker each time, until that is a dead letter and nothing is left. */
export async function survivePoison(jobs: JobService, start: () => ChildProcess): Promise<void> {
  await jobs.enqueueMany(
    Poison,
    Array.from({ length: 60 }, (_, n) => ({ payload: { n, deadly: n === 30 } })),
  )
  let kills = 0
  while ((await jobs.list({ limit: 1 })).length > 0) {
    const [, signal] = await once(start(), 'exit')
    if (signal === 'SIGKILL') kills++
    assert.ok(kills <= Poison.attempts, 'it is given up after its attempts')
  }
  assert.equal(kills, Poison.attempts)
  const dead = await jobs.deadLetters.list()
  assert.deepEqual(
    dead.map(({ payload, attempts }) => [payload, attempts]),
    [[{ n: 30, deadly: true }, Poison.attempts]],
  )
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}
