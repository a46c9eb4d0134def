import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  effect,
  effects,
  fact,
  fresh,
  messageType,
  settled,
  until,
} from '../../src/contracts/messaging-support.ts'
import type { BrokerDriver } from '../../src/messaging/index.ts'
import { partitionOf } from '../../src/messaging/shards.ts'
import { brokers } from './brokers.ts'
import { openHarness } from './harness.ts'

const broker = brokers.find(({ name }) => name === 'Redis Streams')!

test('a group that is resumed while it gives back what it consumes begins nothing before it consumes anew', {
  skip: broker.skip,
}, async () => {
  const Placed = messageType(fresh('placed'), fact)
  const group = fresh('group')
  const opened = Promise.withResolvers<void>()
  let delivered = 0
  /** The second partition takes its time: meanwhile the consumption can neither go on nor end. */
  const wrap = (driver: BrokerDriver): BrokerDriver => {
    const consume = driver.consume.bind(driver)
    driver.consume = async request => {
      if (request.partition === 1) await opened.promise
      return consume({
        ...request,
        deliver(delivery) {
          delivered++
          request.deliver(delivery)
        },
      })
    }
    return driver
  }
  await using harness = await openHarness('apart', { broker, wrap })
  const member = await harness.join([Placed], { lease: '1m' })
  const { messaging, database } = member
  const handled = Promise.withResolvers<void>()
  messaging.subscribe(Placed, { group, concurrency: 2 }, async ({ data }) => {
    if (data.n === 0) await handled.promise
    await effect(database, Placed.name, data.n)
  })
  const paused = async () => (await messaging.health()).detail?.includes(`'${group}'`) ?? false
  await messaging.start()
  await messaging.pause(group)
  await until('the pause is noticed', paused)
  const first = Array.from({ length: 100 }, (_, i) => `key ${i}`).find(
    key => partitionOf({ id: '', key }, 2) === 0,
  )!
  await messaging.publish(Placed, { n: 0 }, { key: first })
  await until('it is delivered, and waits', () => delivered > 0)
  await messaging.resume(group)
  await until('it is noticed that the group goes on', async () => !(await paused()))
  opened.resolve()
  await messaging.publish(Placed, { n: 1 }, { key: `${first} of another one` })
  await until('the others go on', async () => (await effects(database)).some(({ note }) => note === '1'))
  handled.resolve()
  await settled(member)
  assert.deepEqual((await effects(database)).map(({ note }) => note).toSorted(), ['0', '1'])
})
