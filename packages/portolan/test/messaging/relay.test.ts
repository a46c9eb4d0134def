import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { effect, effects, fact, messageType, settled, until } from '../../src/contracts/messaging-support.ts'
import type { LogFields, Logger } from '../../src/index.ts'
import {
  type BrokerDriver,
  createMessaging,
  databaseBroker,
  type PublishFailure,
  type WireMessage,
} from '../../src/messaging/index.ts'
import { engines } from './engines.ts'
import { openHarness } from './harness.ts'

const Placed = messageType('shop.order.placed', fact)

/** A broker between which and its publishers something stands. */
function behind(
  publish: (messages: readonly WireMessage[], driver: BrokerDriver) => Promise<readonly PublishFailure[]>,
): (driver: BrokerDriver) => BrokerDriver {
  return driver => ({
    name: driver.name,
    capabilities: driver.capabilities,
    open: () => driver.open(),
    bind: (group, topics) => driver.bind(group, topics),
    unbind: (group, topic, others) => driver.unbind(group, topic, others),
    publish: messages => publish(messages, driver),
    consume: request => driver.consume(request),
    backlog: groups => driver.backlog(groups),
    health: () => driver.health(),
    close: () => driver.close(),
  })
}

for (const { engine, skip } of engines) {
  describe(`the relay from the outbox to a broker elsewhere, on ${engine}`, { concurrency: 3, skip }, () => {
    test('without connection the outbox keeps everything, in order, and the log stays short', async () => {
      let connected = false
      let tries = 0
      const wrap = behind((messages, driver) => {
        tries++
        return connected ? driver.publish(messages) : Promise.reject(new Error('ECONNREFUSED'))
      })
      await using harness = await openHarness('apart', { engine, wrap })
      const lines: string[] = []
      const member = await harness.join([Placed], { logger: collecting(lines) })
      const { messaging } = member
      const seen: number[] = []
      messaging.subscribe(Placed, { group: 'billing' }, ({ data }) => void seen.push(data.n))
      await messaging.start()
      for (let n = 0; n < 10; n++) await messaging.publish(Placed, { n }, { key: 'k' })
      await until('it tried repeatedly', () => tries > 2)
      const status = await messaging.status()
      assert.equal(status.outbox, 10)
      assert.ok(status.outboxOldest instanceof Date)
      assert.equal((await messaging.health()).status, 'degraded')
      assert.deepEqual(lines, ['Failed to publish the outbox; trying again.'])
      connected = true
      await settled(member)
      assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      assert.equal((await messaging.health()).status, 'up')
      assert.equal(status.dead, 0)
    })

    test('a confirm that was lost puts a message on the wire twice; it has one effect', async () => {
      let lost = 0
      const wires: string[] = []
      const wrap = behind(async (messages, driver) => {
        wires.push(...messages.map(({ id }) => id))
        const failures = await driver.publish(messages)
        if (lost++ < 2) throw new Error('connection reset before the confirm')
        return failures
      })
      await using harness = await openHarness('apart', { engine, wrap })
      const member = await harness.join([Placed])
      const { messaging, database } = member
      messaging.subscribe(Placed, { group: 'billing' }, ({ data }) => effect(database, 'billed', data.n))
      await messaging.start()
      await messaging.publish(Placed, { n: 1 }, { key: 'k' })
      await settled(member)
      assert.equal(wires.length, 3)
      assert.equal(new Set(wires).size, 1)
      assert.equal((await effects(database)).length, 1)
    })

    test('what the broker refuses for good becomes a dead letter, and the rest goes on', async () => {
      let strict = true
      const wrap = behind(async (messages, driver) => {
        const refused = messages.filter(({ payload }) => strict && payload.includes('"n":1'))
        await driver.publish(messages.filter(message => !refused.includes(message)))
        return refused.map(({ id }) => ({ id, error: new Error('too large'), permanent: true }))
      })
      await using harness = await openHarness('apart', { engine, wrap })
      const member = await harness.join([Placed])
      const { messaging } = member
      const seen: number[] = []
      messaging.subscribe(Placed, { group: 'billing' }, ({ data }) => void seen.push(data.n))
      await messaging.start()
      await member.database.run(async () => {
        for (let n = 0; n < 4; n++) await messaging.publish(Placed, { n }, { key: 'k' })
      })
      await settled(member)
      assert.deepEqual(seen, [0, 2, 3])
      const [letter] = await messaging.deadLetters.list()
      assert.equal(letter!.consumer, 'outbox')
      assert.equal(letter!.reason, 'too large')
      await messaging.deadLetters.replay(letter!.id)
      await settled(member)
      const [again] = await messaging.deadLetters.list({ consumer: 'outbox' })
      assert.deepEqual(
        again!.history.map(({ reason, died }) => [reason, died]),
        [
          ['too large', true],
          ['too large', true],
        ],
      )
      strict = false
      await messaging.deadLetters.replay(again!.id)
      await settled(member)
      assert.deepEqual(seen, [0, 2, 3, 1])
    })

    test('a message that is not taken now holds back its key alone, and is offered again', async () => {
      let refusals = 0
      const wrap = behind(async (messages, driver) => {
        const at = messages.findIndex(({ payload }) => payload.includes('"n":0'))
        if (at < 0 || refusals++ > 0) return driver.publish(messages)
        // As the contract of a driver has it: nothing of the key after the one that failed.
        const { key } = messages[at]!
        const failed = messages.slice(at).filter(message => message.key === key)
        await driver.publish(messages.filter(message => !failed.includes(message)))
        return failed.map(({ id }) => ({ id, error: new Error('nack'), permanent: false }))
      })
      await using harness = await openHarness('apart', { engine, wrap })
      const member = await harness.join([Placed])
      const { messaging } = member
      const seen: string[] = []
      messaging.subscribe(Placed, { group: 'billing' }, ({ key, data }) => void seen.push(`${key}${data.n}`))
      await messaging.start()
      await messaging.publish(Placed, { n: 0 }, { key: 'a' })
      await until('it was not taken', () => refusals > 0)
      for (let n = 1; n < 3; n++)
        for (const key of ['a', 'b']) await messaging.publish(Placed, { n }, { key })
      await until('the other key is done', () => seen.length >= 2)
      assert.deepEqual(seen.slice(0, 2), ['b1', 'b2'])
      await settled(member)
      assert.deepEqual(seen.slice(2), ['a0', 'a1', 'a2'])
    })

    test('an effect that was committed but not acknowledged is not repeated', async () => {
      let broken = 2
      const wrap = (driver: BrokerDriver): BrokerDriver => ({
        ...behind((messages, real) => real.publish(messages))(driver),
        consume: request =>
          driver.consume({
            ...request,
            deliver: delivery =>
              request.deliver({
                message: delivery.message,
                ack: () => (broken-- > 0 ? Promise.reject(new Error('connection reset')) : delivery.ack()),
              }),
          }),
      })
      await using harness = await openHarness('apart', { engine, wrap })
      const member = await harness.join([Placed])
      const { messaging, database } = member
      let calls = 0
      messaging.subscribe(Placed, { group: 'billing' }, async ({ data }) => {
        calls++
        await effect(database, 'billed', data.n)
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 1 })
      await settled(member)
      assert.equal(calls, 1)
      assert.equal((await effects(database)).length, 1)
    })

    test('what an outbox still holds is delivered when the broker becomes the database itself', async () => {
      await using harness = await openHarness('apart', {
        engine,
        wrap: behind(() => Promise.reject(new Error('gone for good'))),
      })
      const before = await harness.join([Placed])
      await before.messaging.start()
      for (let n = 0; n < 3; n++) await before.messaging.publish(Placed, { n }, { key: 'k' })
      await before.messaging.stop()
      const after = await harness.join([Placed])
      await using messaging = createMessaging({
        database: after.database,
        source: 'test',
        messages: [Placed],
        broker: databaseBroker({ database: after.database }),
      })
      const seen: number[] = []
      messaging.subscribe(Placed, { group: 'billing' }, ({ data }) => void seen.push(data.n))
      await messaging.start()
      await until('all arrive', () => seen.length === 3)
      assert.deepEqual(seen, [0, 1, 2])
    })
  })
}

function collecting(lines: string[]): Logger {
  const line = (message: string, _fields?: LogFields) => void lines.push(message)
  const logger: Logger = {
    trace() {},
    debug() {},
    info() {},
    warn: line,
    error: line,
    child: () => logger,
  }
  return logger
}
