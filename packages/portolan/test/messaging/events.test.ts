import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { effects, fact, messageType, refusal, settled } from '../../src/contracts/messaging-support.ts'
import { openHarness } from './harness.ts'

const Placed = messageType('shop.order.placed', fact)

describe('domain events', () => {
  for (const place of ['joined', 'apart'] as const) {
    test(`are published with the commit that saved the aggregate (broker ${place})`, async () => {
      await using harness = await openHarness(place)
      const member = await harness.join([Placed])
      const { messaging, database } = member
      const seen: unknown[] = []
      messaging.subscribe(Placed, { group: 'billing' }, ({ key, data }) => void seen.push([key, data]))
      await messaging.start()
      await database.run(() =>
        database.recordEvents([
          { type: Placed.name, data: { n: 1 }, key: 'order-1' },
          { type: Placed.name, data: { n: 2 } },
        ]),
      )
      await settled(member)
      assert.deepEqual(
        seen.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
        [
          ['order-1', { n: 1 }],
          [undefined, { n: 2 }],
        ],
      )
    })

    test(`that no message describes, or whose data it refuses, undo the commit (broker ${place})`, async () => {
      await using harness = await openHarness(place)
      const member = await harness.join([Placed])
      const { messaging, database } = member
      let seen = 0
      messaging.subscribe(Placed, { group: 'billing' }, () => void seen++)
      await messaging.start()
      for (const wrong of [
        { type: 'shop.order.lost', data: { n: 1 } },
        { type: Placed.name, data: { n: 'one' } },
      ]) {
        const saved = database.run(async () => {
          await database.execute("INSERT INTO effects (message, note) VALUES ('order', 'saved')")
          await database.recordEvents([{ type: Placed.name, data: { n: 1 } }, wrong])
        })
        const error = await refusal('invalid_argument', saved)
        assert.ok(error.message.includes(wrong.type))
      }
      await settled(member)
      assert.equal(seen, 0)
      assert.deepEqual(await effects(database), [])
    })
  }
})
