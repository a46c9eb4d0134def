import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReplayResult } from '../../src/replay/replay.ts'
import {
  childProcesses,
  isAlive,
  type Program,
  randomOf,
  seedOfRun,
  startProgram,
  until,
} from '../harness/index.ts'
import { sampleFolder } from './sample-folder.ts'

/** A replay that is killed at random moments and started again ends with the totals of one that was left alone. */

const seed = seedOfRun()
console.log(`kill-and-resume: TEST_SEED=${seed}`)
const random = randomOf(seed)

const folder = await sampleFolder(1_100)
let expected: Totals
before(async () => {
  expected = await totalsOf(start('alone'))
  assert.deepEqual([expected.difference, expected.lost, expected.duplicated], ['0.000', 0, 0])
})

type Totals = Omit<
  ReplayResult,
  'seconds' | 'invoices_per_second' | 'peak_memory_mib' | 'cpu_seconds' | 'resumed'
>

function start(name: string): Program {
  const args = ['--input', folder.input, '--json', '--database', `sqlite:${name}.db`]
  return startProgram('replay/main.ts', args, { cwd: folder.path, group: true })
}

async function totalsOf(program: Program): Promise<Totals> {
  const code = await program.ended
  assert.equal(code, 0, program.stdout + program.stderr)
  const { seconds, invoices_per_second, peak_memory_mib, cpu_seconds, resumed, ...totals } = JSON.parse(
    program.stdout,
  ) as ReplayResult
  return totals
}

/** How many orders the shop has by now. */
function orders(name: string): number {
  const path = join(folder.path, `${name}.db`)
  if (!existsSync(path)) return 0
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    try {
      return (database.prepare('select count(*) as count from orders').get() as { count: number }).count
    } finally {
      database.close()
    }
  } catch {
    // Not made yet, or locked right now.
    return 0
  }
}

/** Waits for a random moment of what is left: of the sales, and between two of them. */
async function randomMoment(program: Program, name: string): Promise<void> {
  const done = orders(name)
  const at = done + Math.floor(random() * (expected.orders - done))
  const pauseMs = random() * 60
  await until(() => orders(name) >= at || program.process.exitCode !== null, `order ${at}`)
  await sleep(pauseMs)
}

async function shopOf(program: Program): Promise<number> {
  return until(() => childProcesses(program.process.pid!)[0], 'the process of the shop')
}

for (const victim of ['the replay', 'the replay and its shop'] as const) {
  test(`SIGKILL to ${victim}`, async () => {
    const shops: number[] = []
    for (let kills = 0; kills < 2; kills++) {
      await using program = start(victim)
      shops.push(await shopOf(program))
      await randomMoment(program, victim)
      if (victim !== 'the replay') process.kill(shops.at(-1)!, 'SIGKILL')
      await program.end('SIGKILL')
    }
    assert.deepEqual(await totalsOf(start(victim)), expected)
    // No shop outlives its replay for long.
    for (const pid of shops) await until(() => !isAlive(pid), `process ${pid} to end`)
  })
}

test('SIGKILL to the shop, which the replay starts again', async () => {
  await using program = start('shop')
  const totals = totalsOf(program)
  let previous: number | undefined
  for (let kills = 0; kills < 2; kills++) {
    const pid = await until(async () => {
      const found = await shopOf(program)
      return found !== previous && found
    }, 'another process of the shop')
    await randomMoment(program, 'shop')
    process.kill(pid, 'SIGKILL')
    previous = pid
  }
  assert.deepEqual(await totals, expected)
})
