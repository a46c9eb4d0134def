import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'
import {
  effect,
  effects,
  fact,
  fresh,
  type MessagingHarness,
  messageType,
  refusal,
  settled,
  soon,
  until,
} from './messaging-support.ts'

const ample = () => AbortSignal.timeout(10_000)

/** Start, drain and stop, and what they leave to others. */
export const lifecycleCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'drain lets handlers finish and leaves what they have not begun to others',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const first = await harness.join([Placed])
      const begun: number[] = []
      first.messaging.subscribe(Placed, { group, concurrency: 2 }, async ({ id, data }) => {
        begun.push(data.n)
        await systemClock.sleep(50)
        await effect(first.database, id, 'first')
      })
      await first.messaging.start()
      // At once, so that some are left however long a busy machine takes.
      await first.database.run(async () => {
        for (let n = 0; n < 20; n++) await first.messaging.publish(Placed, { n })
      })
      await until('two are in hand', () => begun.length >= 2)
      await first.messaging.drain(ample())
      const count = begun.length
      assert.ok(count < 20)
      assert.equal((await effects(first.database)).length, count)
      assert.equal((await first.messaging.status()).dead, 0)
      const second = await harness.join([Placed])
      second.messaging.subscribe(Placed, { group }, ({ id }) => effect(second.database, id, 'second'))
      await second.messaging.start()
      await settled(second)
      const done = await effects(second.database)
      assert.equal(done.length, 20)
      assert.equal(new Set(done.map(({ message }) => message)).size, 20)
      assert.equal(begun.length, count)
    },
  },
  {
    name: 'when the time of a drain is up, handlers are told, and their message is not counted as failed',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const first = await harness.join([Placed])
      let begun = false
      let stopped = false
      first.messaging.subscribe(Placed, { group, retry: soon }, async ({ id }, { signal }) => {
        await effect(first.database, id, 'first')
        begun = true
        await systemClock.sleep(60_000, signal).finally(() => {
          stopped = true
        })
      })
      await first.messaging.start()
      await first.messaging.publish(Placed, { n: 1 })
      await until('the handler has begun', () => begun)
      await first.messaging.drain(AbortSignal.timeout(20))
      await until('the handler was told', () => stopped)
      await first.messaging.stop()
      const second = await harness.join([Placed])
      const attempts: number[] = []
      second.messaging.subscribe(Placed, { group }, async ({ id, attempt }) => {
        attempts.push(attempt)
        await effect(second.database, id, 'second')
      })
      await second.messaging.start()
      await settled(second)
      assert.deepEqual(attempts, [1])
      assert.deepEqual(
        (await effects(second.database)).map(({ note }) => note),
        ['second'],
      )
    },
  },
  {
    name: 'what a member that stopped had failed is retried by another, counted on',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const first = await harness.join([Placed])
      let failed = 0
      first.messaging.subscribe(Placed, { group, retry: { from: 300, to: 300 } }, () => {
        failed++
        throw new Error('not here')
      })
      await first.messaging.start()
      await first.messaging.publish(Placed, { n: 1 }, { key: 'k' })
      await first.messaging.publish(Placed, { n: 2 }, { key: 'k' })
      await until('it failed', () => failed > 0)
      await first.messaging.drain(ample())
      await first.messaging.stop()
      const seen: number[][] = []
      const second = await harness.join([Placed])
      second.messaging.subscribe(Placed, { group }, ({ data, attempt }) => void seen.push([data.n, attempt]))
      await second.messaging.start()
      await settled(second)
      assert.deepEqual(seen, [
        [1, failed + 1],
        [2, 1],
      ])
    },
  },
  {
    name: 'stopping twice, draining twice and disposing after all are no errors',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      messaging.subscribe(Placed, { group: fresh('group') }, () => {})
      await messaging.start()
      assert.equal((await messaging.health()).status, 'up')
      await messaging.drain(ample())
      await messaging.drain(ample())
      await messaging.stop()
      await messaging.stop()
      await messaging[Symbol.asyncDispose]()
      assert.equal((await messaging.health()).status, 'down')
      await refusal('precondition_failed', messaging.publish(Placed, { n: 1 }))
    },
  },
  {
    name: 'before its start it refuses to publish, and after it to subscribe or to start again',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      await refusal('precondition_failed', messaging.publish(Placed, { n: 1 }))
      await messaging.start()
      assert.throws(() => messaging.subscribe(Placed, { group: 'g' }, () => {}), {
        code: 'precondition_failed',
      })
      await refusal('precondition_failed', messaging.start())
    },
  },
  {
    name: 'subscriptions that contradict each other are refused',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const Paid = messageType(fresh('paid'), fact)
      const { messaging } = await harness.join([Placed, Paid])
      const refused = (work: () => void) => assert.throws(work, { code: 'invalid_argument' })
      messaging.subscribe(Placed, { group: 'g', concurrency: 2 }, () => {})
      refused(() => messaging.subscribe(Placed, { group: 'g' }, () => {}))
      refused(() => messaging.subscribe(Paid, { group: 'g', concurrency: 3 }, () => {}))
      refused(() => messaging.subscribe(Paid, { group: '' }, () => {}))
      refused(() => messaging.subscribe(Paid, { group: 'h', concurrency: 0 }, () => {}))
      refused(() => messaging.subscribe(Paid, { group: 'h', retry: { attempts: 0 } }, () => {}))
      messaging.subscribe(Paid, { group: 'g' }, () => {})
    },
  },
  {
    name: 'its status tells what waits, what is delayed and what died',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const { messaging } = await harness.join([Placed])
      messaging.subscribe(Placed, { group, retry: { from: 60_000 } }, () => {
        throw new Error('later')
      })
      await messaging.start()
      assert.deepEqual(await messaging.status(), {
        outbox: 0,
        outboxOldest: undefined,
        delayed: 0,
        backlog: 0,
        groups: [],
        paused: [],
        dead: 0,
      })
      const before = Math.floor(systemClock.now())
      await messaging.publish(Placed, { n: 1 })
      await messaging.publish(Placed, { n: 2 }, { delay: '1h' })
      await until('it waits', async () => {
        const { groups, backlog, delayed, outbox } = await messaging.status()
        const [waiting] = groups
        if (waiting?.group !== group || outbox > 0) return false
        assert.ok(waiting.oldest === undefined || waiting.oldest.getTime() >= before)
        return waiting.waiting === 1 && backlog === 1 && delayed === 1
      })
    },
  },
]
