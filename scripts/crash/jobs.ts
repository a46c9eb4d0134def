import { setTimeout as sleep } from 'node:timers/promises'
import { countOf, openShop, type Role, type Way } from '../../packages/portolan/test/jobs/crash/shop.ts'
import { databaseGround } from './ground.ts'
import { type Strikes, storm } from './storm.ts'
import type { Crash } from './suite.ts'

/** What a run ends with. */
export interface JobsCounts extends Strikes {
  /** Orders that were committed, each with two jobs. */
  readonly committed: number
  /** Of jobs, those of the schedule included. */
  readonly effects: number
  /** Orders without an effect of each of their jobs, and runs of the schedule that are missing. */
  readonly lost: number
  /** Of jobs that are completed with their effect, those of the schedule included. */
  readonly duplicated_effects: number
  /** Effects of an attempt that another one had followed. */
  readonly fence_violations: number
  /** Effects of orders that were rolled back. */
  readonly phantom_effects: number
  /** Of jobs that are not completed with their effect, and may be done again: allowed. */
  readonly repeated: number
  readonly scheduled_runs: number
}

const program = new URL('../../packages/portolan/test/jobs/crash/child.ts', import.meta.url)
const roles: readonly Role[] = ['producer', 'producer', 'worker', 'worker', 'worker']
const settleMs = 120_000

/** Orders that enqueue jobs in their transaction, and workers that do them. */
export async function crashJobs({ database, kills, naive, seed, say }: Crash): Promise<JobsCounts> {
  await using ground = await databaseGround(database)
  const { url } = ground
  const way: Way = naive ? 'naive' : 'portolan'
  const processes = roles.map(role => [url, way, role])
  const strikes = await storm({ program, processes, grounds: [ground], kills, seed, say })
  return { ...(await settledCount(url, way)), ...strikes }
}

/** Lets one worker finish what is left. */
async function settledCount(url: string, way: Way): Promise<Omit<JobsCounts, keyof Strikes>> {
  await using shop = await openShop(url, way, 'worker')
  const giveUp = performance.now() + settleMs
  // What never settles is counted as it is.
  while (performance.now() < giveUp && !(await shop.settled())) await sleep(50)
  const counted = await countOf(shop.database)
  return {
    ...{ committed: counted.committed, effects: counted.effects },
    ...{ lost: counted.missing + counted.missingTicks, duplicated_effects: counted.doubled },
    ...{ fence_violations: counted.overtaken, phantom_effects: counted.phantoms },
    ...{ repeated: counted.repeated, scheduled_runs: counted.ticks },
  }
}
