import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, openDatabase } from 'portolan/persistence'
import type { ThrowawayServer } from 'portolan-engines'
import type { ReplayResult } from '../../src/replay/replay.ts'
import { childProcesses, startProgram, until } from '../harness/index.ts'

export interface KilledReplay {
  /** What the shop stands on, which is killed and restarted twice. */
  readonly server: ThrowawayServer
  /** Where the shop keeps its data. */
  readonly databaseUrl: string
  /** Of the replay of 1,100 lines. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly random: () => number
}

/** Kills the server and the shop in the middle of a replay, which has to agree all the same. */
export async function killedReplay({ server, databaseUrl, args, cwd, random }: KilledReplay): Promise<void> {
  await using program = startProgram('replay/main.ts', [...args, '--json'], { cwd, group: true })
  await using database = await openDatabase(databaseUrl)

  await soldMoreThan(database, 5 + random() * 10)
  await server.kill()
  await sleep(random() * 1_000)
  await server.restart()

  await soldMoreThan(database, 20 + random() * 10)
  const shop = childProcesses(program.process.pid!)[0]!
  process.kill(shop, 'SIGKILL')

  await soldMoreThan(database, 35 + random() * 10)
  await server.kill()
  await server.restart()

  assert.equal(await program.ended, 0, program.stdout + program.stderr)
  const result = JSON.parse(program.stdout) as ReplayResult
  const { orders, refunds, rejected, difference, lost, duplicated, problems } = result
  assert.deepEqual({ difference, lost, duplicated, problems }, expected)
  assert.deepEqual([orders, refunds, rejected.refused_by_shop], [66, 3, undefined])
}

const expected = { difference: '0.000', lost: 0, duplicated: 0, problems: [] }

/** Waits until so many orders are there. */
async function soldMoreThan(database: Database, count: number): Promise<void> {
  await until(
    async () => {
      // Before the first start of the shop there is no table.
      const [row] = await database.query<{ n: number }>('SELECT count(*) AS n FROM orders').catch(() => [])
      return row !== undefined && row.n > count
    },
    `${Math.ceil(count)} orders`,
  )
}
