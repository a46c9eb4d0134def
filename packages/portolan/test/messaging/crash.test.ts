import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { brokers, type Members, membersOf } from './brokers.ts'
import { startAndKill } from './crash/kill.ts'
import { countOf, openShop, type Role, type Urls, type Way } from './crash/shop.ts'
import { type EngineName, engines, openPlace } from './engines.ts'

/** Of each of two roles. */
const kills = 3

for (const { engine, skip } of engines) {
  describe(`processes that are killed at any moment, on ${engine}`, { concurrency: true, skip }, () => {
    for (const way of ['joined', 'apart'] as const) {
      test(`through a broker ${way === 'joined' ? 'that joins' : 'apart from'} the database: committed once, handled once`, async () => {
        const { committed, missing, doubled, disordered } = await survive(engine, way)
        assert.ok(committed > 0)
        assert.deepEqual({ missing, doubled, disordered }, { missing: 0, doubled: 0, disordered: 0 })
      })
    }

    test('the control, without outbox and inbox, fails the same check', async () => {
      // A kill may hit it at a harmless moment, by chance.
      for (let run = 0; run < 10; run++) {
        const { missing, doubled } = await survive(engine, 'naive')
        if (missing + doubled > 0) return
      }
      assert.fail('Nothing was lost or doubled, each time.')
    })
  })
}

for (const { name, skip, url } of brokers) {
  describe(`processes that are killed and held up at any moment, over ${name}`, { skip }, () => {
    test('committed once, handled once, in order', async () => {
      await using members = membersOf({ name, skip, url })
      const { committed, missing, doubled, disordered } = await survive(
        'sqlite',
        'over a broker',
        url,
        members,
      )
      assert.ok(committed > 0)
      assert.deepEqual({ missing, doubled, disordered }, { missing: 0, doubled: 0, disordered: 0 })
    })
  })
}

/** Kills publishers and consumers again and again, lets the last of them finish, and counts. */
async function survive(engine: EngineName, way: Way, broker?: string, members?: Members) {
  await using place = await openPlace(engine)
  const urls = { shop: await place.url('shop'), broker: broker ?? (await place.url('broker')) }
  if (members) members.bound('billing', 'shop.order.placed')
  // A group gets what is published after it was first bound.
  await (await openShop(urls, way, 'consumer'))[Symbol.asyncDispose]()
  await Promise.all([
    killAgainAndAgain(urls, way, 'publisher'),
    killAgainAndAgain(urls, way, 'consumer'),
    // One that is held up for longer than its lease, while others take over what it has in hand, and then goes on.
    ...(broker === undefined ? [] : [killAgainAndAgain(urls, way, 'consumer', 'held up')]),
  ])
  await using shop = await openShop(urls, way, 'consumer')
  const giveUp = performance.now() + 90_000
  while ((await shop.waiting()) > 0) {
    assert.ok(performance.now() < giveUp, 'what is left is never handled')
    await sleep(20)
  }
  return await countOf(shop.database)
}

async function killAgainAndAgain(urls: Urls, way: Way, role: Role, held?: 'held up'): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    const now = role === 'consumer' && kill % 2 === 1 ? 'consumer of batches' : role
    await startAndKill('child.ts', [urls.shop, urls.broker, way, now], async child => {
      if (!held) return
      child.kill('SIGSTOP')
      await sleep(400 + Math.random() * 800)
      child.kill('SIGCONT')
      await sleep(50 + Math.random() * 150)
    })
  }
}
