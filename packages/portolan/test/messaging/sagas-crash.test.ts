import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../src/contracts/messaging-support.ts'
import { type Booking, openAgency } from './crash/agency.ts'
import { startAndKill } from './crash/kill.ts'
import { type EngineName, engines, openPlace } from './engines.ts'

/** Of each of two workers. */
const kills = 1
/** Trips at a time. */
const inHand = 30

describe('sagas of processes that are killed at any moment', { concurrency: true }, () => {
  for (const { engine, skip } of engines) {
    test(`each step, timeout and compensation has one effect, in order, on ${engine}`, { skip }, async () => {
      const { trips, wrong } = await survive(engine, 'saga')
      assert.ok(trips > 0)
      assert.equal(wrong, 0, `of ${trips}`)
    })
  }

  test('the control, which writes down how far it is after it went there, fails the same check', async () => {
    // A kill may hit it at a harmless moment, by chance.
    for (let run = 0; run < 10; run++) if ((await survive('sqlite', 'naive')).wrong > 0) return
    assert.fail('It was right each time.')
  })
})

/** Kills workers again and again while trips are asked for, lets a last one finish, and counts. */
async function survive(engine: EngineName, booking: Booking) {
  await using place = await openPlace(engine)
  const url = await place.url('shop')
  // A group gets what is published after it was first bound.
  await (await openAgency(url, booking, true))[Symbol.asyncDispose]()
  {
    await using desk = await openAgency(url, booking, false)
    let open = true
    const asking = (async () => {
      // No more than are soon done, however slow the machine.
      for (; open; await sleep(10)) if ((await desk.left()) < inHand) await desk.want()
    })()
    await Promise.all([1, 2].map(() => killAgainAndAgain(url, booking)))
    open = false
    await asking
  }
  await using agency = await openAgency(url, booking, true)
  await until('every trip has come to its end', () => agency.ended())
  return agency.count()
}

async function killAgainAndAgain(url: string, booking: Booking): Promise<void> {
  for (let kill = 0; kill < kills; kill++) await startAndKill('agent.ts', [url, booking])
}
