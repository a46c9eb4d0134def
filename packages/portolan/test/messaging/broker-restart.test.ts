import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServerName, skipUnlessInstalled, startServer } from 'portolan-engines'
import {
  effect,
  effects,
  fact,
  fresh,
  messageType,
  settled,
  until,
} from '../../src/contracts/messaging-support.ts'
import { openHarness } from './harness.ts'

/** What the contract cannot ask of a server that others use, too. */

const engines: readonly ServerName[] = ['rabbitmq', 'nats', 'redis', 'kafka', 'mqtt']
const keys = 5
/** Milliseconds between two messages. */
const pace = 20
/** A status asks the broker, too. */
const outbox = 'SELECT COUNT(*) AS n FROM portolan_messaging_outbox'

// Most of the time goes by while a server starts.
describe('a broker that is killed and comes back while messages flow', { concurrency: 3 }, () => {
  for (const engine of engines) {
    const name = `nothing is lost, nothing takes effect twice, and each key keeps its order: ${engine}`
    test(name, { skip: skipUnlessInstalled(engine) }, async () => {
      await using server = await startServer(engine)
      const parameters = engine === 'mqtt' ? '&checkpoint=true' : ''
      const url = `${server.url}/?partitions=2${parameters}`
      await using harness = await openHarness('apart', { broker: { name: engine, skip: false, url } })
      const Placed = messageType(fresh('placed'), fact)
      const [publisher, consumer] = [await harness.join([Placed]), await harness.join([Placed])]
      let handled = 0
      consumer.messaging.subscribe(Placed, { group: fresh('group') }, async ({ key, data }) => {
        await effect(consumer.database, key!, data.n)
        handled++
      })
      await consumer.messaging.start()
      await publisher.messaging.start()

      let published = 0
      let over = false
      const traffic = async () => {
        for (; !over; published++) {
          await publisher.messaging.publish(Placed, { n: published }, { key: `k${published % keys}` })
          await sleep(pace)
        }
      }
      const flowing = traffic()
      try {
        await until('messages flow', () => handled > 20)
        await server.kill()
        await until('they wait', async () => {
          const [row] = await publisher.database.query<{ n: number }>(outbox)
          return row!.n > 5
        })
        await server.restart()
        const before = handled
        await until('messages flow again', () => handled > before)
      } finally {
        over = true
        await flowing
      }
      for (const { messaging } of [publisher, consumer])
        await until('it is connected again', async () => (await messaging.health()).status === 'up')
      await settled(publisher, consumer)

      const done = await effects(consumer.database)
      for (let k = 0; k < keys; k++) {
        const expected = Array.from({ length: published }, (_, n) => n).filter(n => n % keys === k)
        assert.deepEqual(
          done.filter(({ message }) => message === `k${k}`).map(({ note }) => Number(note)),
          expected,
        )
      }
      assert.equal(await consumer.messaging.deadLetters.count(), 0)
    })
  }
})
