import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fact, messageType, refusal, until } from '../../src/contracts/messaging-support.ts'
import { openHarness } from './harness.ts'

const Placed = messageType('shop.order.placed', fact)

describe('messaging stops', () => {
  for (const place of ['joined', 'apart'] as const) {
    test(`although its database cannot be reached any more (broker ${place})`, async () => {
      await using harness = await openHarness(place)
      const { messaging, database } = await harness.join([Placed])
      messaging.subscribe(Placed, { group: 'billing' }, () => {})
      await messaging.start()
      await database.close()
      await messaging.stop()
      assert.equal((await messaging.health()).status, 'down')
    })
  }

  test('once: whoever asks again waits for the same end', async () => {
    await using harness = await openHarness('joined')
    const { messaging, database } = await harness.join([Placed])
    messaging.subscribe(Placed, { group: 'billing' }, () => {})
    await messaging.start()
    void messaging.stop()
    await messaging.stop()
    assert.deepEqual(await database.query('SELECT member FROM portolan_messaging_member'), [])
  })
})

test('messaging does not start inside of a unit of work, and can be started after it', async () => {
  await using harness = await openHarness('joined')
  const { messaging, database } = await harness.join([Placed])
  const seen: number[] = []
  messaging.subscribe(Placed, { group: 'billing' }, ({ data }) => void seen.push(data.n))
  await refusal(
    'precondition_failed',
    database.run(() => messaging.start()),
  )
  await messaging.start()
  await messaging.publish(Placed, { n: 1 })
  await until('it is handled', () => seen.length === 1)
})
