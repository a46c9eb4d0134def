import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'
import { fact, fresh, type MessagingHarness, messageType, refusal, until } from './messaging-support.ts'

/** Messages whose time has not come. */
export const delayedCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'a delayed message comes no earlier, and does not hold up its key',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging } = member
      const seen: number[] = []
      let at = 0
      messaging.subscribe(Placed, { group: fresh('group') }, ({ data }) => {
        seen.push(data.n)
        if (data.n === 3) at = systemClock.now()
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 1 }, { key: 'k', delay: '1h' })
      await messaging.publish(Placed, { n: 2 }, { key: 'k' })
      await until('its key goes on', () => seen.length === 1)
      assert.equal((await messaging.status()).delayed, 1)
      const due = systemClock.now() + 150
      await messaging.publish(Placed, { n: 3 }, { key: 'k', delay: '150ms' })
      await until('it arrives', () => seen.length === 2)
      assert.deepEqual(seen, [2, 3])
      assert.ok(at >= due - 1, `came ${due - at} ms early`)
      await refusal('invalid_argument', messaging.publish(Placed, { n: 1 }, { delay: -1 }))
    },
  },
  {
    name: 'a scheduled message comes no earlier than its moment, outlives its publisher, and is taken back by a rollback',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const first = await harness.join([Placed])
      const second = await harness.join([Placed])
      const seen: number[] = []
      let at = 0
      second.messaging.subscribe(Placed, { group: fresh('group') }, ({ data }) => {
        seen.push(data.n)
        if (data.n === 2) at = systemClock.now()
      })
      await second.messaging.start()
      await first.messaging.start()
      const publishAt = new Date(systemClock.now() + 300)
      await assert.rejects(
        first.database.run(async () => {
          await first.messaging.publish(Placed, { n: 1 }, { publishAt })
          throw new Error('changed my mind')
        }),
        /changed my mind/,
      )
      await first.messaging.publish(Placed, { n: 2 }, { publishAt })
      await first.messaging.publish(
        Placed,
        { n: 3 },
        { publishAt: new Date(publishAt.getTime() + 3_600_000) },
      )
      await first.messaging.publish(Placed, { n: 4 }, { publishAt: new Date(0) })
      await until('the one of the past is published at once', () => seen.includes(4))
      await first.messaging.stop()
      await until('its moment comes', () => seen.length === 2)
      // On a busy machine, its moment may have come before the other one was published.
      assert.deepEqual(seen.toSorted(), [2, 4])
      assert.ok(at >= publishAt.getTime(), `came ${publishAt.getTime() - at} ms early`)
      assert.equal((await second.messaging.status()).delayed, 1)
      const wrong = { publishAt: new Date(Number.NaN) }
      await refusal('invalid_argument', second.messaging.publish(Placed, { n: 1 }, wrong))
      await refusal('invalid_argument', second.messaging.publish(Placed, { n: 1 }, { publishAt, delay: 1 }))
    },
  },
]
