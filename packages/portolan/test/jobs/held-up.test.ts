import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { skipWithout } from 'portolan-engines'
import { startAndKill } from '../messaging/crash/kill.ts'
import { countOf, openShop, type Role } from './crash/shop.ts'
import { type EngineOfJobs, enginesOfJobs, place } from './harness.ts'

const program = new URL('./crash/child.ts', import.meta.url).href
/** Of each of three; `npm run crash -- jobs` does the same for longer. */
const kills = 1

// They wait for most of their time.
describe('producers and workers that are killed and held up at any moment', {
  concurrency: true,
}, async () => {
  for (const engine of enginesOfJobs) {
    const skip = engine !== 'sqlite' && (await skipWithout(engine))
    test(`${engine}: what was committed is done, once where it is completed with its effect, and nothing else`, {
      skip,
    }, async () => {
      const { committed, missing, doubled, overtaken, phantoms, missingTicks } = await survive(engine)
      assert.ok(committed > 0)
      assert.deepEqual(
        { missing, doubled, overtaken, phantoms, missingTicks },
        { missing: 0, doubled: 0, overtaken: 0, phantoms: 0, missingTicks: 0 },
      )
    })
  }
})

/** Kills them again and again, lets a last worker finish, and counts. */
async function survive(engine: EngineOfJobs) {
  await using there = await place(engine)
  // The tables are there before anybody is killed.
  await (await openShop(there.url, 'portolan', 'producer'))[Symbol.asyncDispose]()
  await Promise.all([
    killAgainAndAgain(there.url, 'producer'),
    killAgainAndAgain(there.url, 'worker'),
    // One that is held up for longer than its lease, while others take over what it has in hand, and then goes on.
    killAgainAndAgain(there.url, 'worker', 'held up'),
  ])
  await using shop = await openShop(there.url, 'portolan', 'worker')
  while (!(await shop.settled())) await sleep(20)
  return await countOf(shop.database)
}

async function killAgainAndAgain(url: string, role: Role, held?: 'held up'): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    await startAndKill(program, [url, 'portolan', role], async child => {
      if (!held) return
      child.kill('SIGSTOP')
      await sleep(400 + Math.random() * 800)
      child.kill('SIGCONT')
      await sleep(50 + Math.random() * 150)
    })
  }
}
