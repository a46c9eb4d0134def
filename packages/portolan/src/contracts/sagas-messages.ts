import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'
import { effect, effects, fresh, settled, soon, until } from './messaging-support.ts'
import {
  addUp,
  alone,
  beginning,
  byKey,
  inert,
  nothing,
  play,
  reached,
  type SagaHarness,
} from './sagas-kit.ts'

/** How messages and processes find each other. */
export const messageCases: readonly ContractCase<SagaHarness>[] = [
  {
    name: 'a message starts a process, and those of the same key go on with it',
    async run(harness) {
      const { scene, member, messaging } = await alone(harness)
      addUp(messaging, scene)
      await messaging.start()
      for (const key of ['a', 'ä 🐟 b']) {
        await messaging.publish(scene.Begun, { key, n: 1 }, { key })
        await messaging.publish(scene.Moved, { key, n: 2 }, { key })
      }
      await messaging.publish(scene.Moved, { key: 'a', n: 4 }, { key: 'a' })
      await until(
        'all were seen',
        async () => (await messaging.sagas.find(scene.Process, 'a'))?.state.seen.length === 3,
      )
      await settled(member)
      const [a, b] = await messaging.sagas.list(scene.Process)
      // What overtakes the start waits for it, and has no order then.
      const seen = a!.state.seen.toSorted()
      assert.deepEqual([a!.key, a!.status, a!.state.sum, seen], ['a', 'running', 7, [1, 2, 4]])
      assert.deepEqual([b!.key, b!.state.sum], ['ä 🐟 b', 3])
      assert.notEqual(a!.id, b!.id)
      assert.equal(a!.endedAt, undefined)
    },
  },
  {
    name: 'the state, the timeouts and what a handler writes and publishes are one commit',
    async run(harness) {
      const { scene, member, messaging, database } = await alone(harness)
      let failures = 2
      messaging.sagas
        .run(scene.Process, {
          ...inert,
          retry: soon,
          timeouts: { ...inert.timeouts, soon: () => effect(database, 'timeout', 1) },
        })
        .startedBy(scene.Begun, beginning, async (saga, { data }) => {
          saga.state.sum += 10
          saga.timeout('soon', 1)
          await effect(database, 'begun', data.n)
          await messaging.publish(scene.Moved, { key: data.key, n: 5 })
          if (failures-- > 0) throw new Error('not yet')
        })
        .on(scene.Moved, { key: byKey }, (saga, { data }) => {
          saga.state.seen.push(data.n)
        })
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 })
      await until('the timeout has happened', async () => (await effects(database)).length >= 2)
      await settled(member)
      const view = await reached(messaging, scene, 'a', 'running')
      assert.deepEqual(view.state, { sum: 11, seen: [1, 5] })
      const written = (await effects(database)).map(({ message }) => message)
      assert.deepEqual(written.sort(), ['begun', 'timeout'])
    },
  },
  {
    name: 'messages for one process at once are all seen by it, and none counts as failed',
    async run(harness) {
      const scene = play()
      // One that a busy machine lets end would count as an attempt, for its member may have died of the message.
      const options = { lease: '30s' } as const
      const members = await Promise.all([1, 2].map(() => harness.join(scene.messages, options)))
      const attempts: number[] = []
      for (const { messaging } of members) {
        messaging.sagas
          .run(scene.Process, inert)
          .startedBy(scene.Begun, beginning, nothing)
          .on(scene.Moved, { key: byKey }, async (saga, { data, attempt }) => {
            attempts.push(attempt)
            const { sum } = saga.state
            await systemClock.sleep(data.n % 5)
            saga.state.sum = sum + 1
          })
      }
      await Promise.all(members.map(({ messaging }) => messaging.start()))
      const { messaging } = members[0]!
      await messaging.publish(scene.Begun, { key: 'a', n: 0 })
      await reached(messaging, scene, 'a', 'running')
      // Without a key of their own, so that nothing keeps them apart but the process.
      await Promise.all(Array.from({ length: 24 }, (_, n) => messaging.publish(scene.Moved, { key: 'a', n })))
      await settled(...members)
      assert.equal((await reached(messaging, scene, 'a', 'running')).state.sum, 24)
      assert.ok(attempts.every(attempt => attempt === 1))
      assert.equal(await messaging.deadLetters.count(), 0)
    },
  },
  {
    name: 'of several messages that could start a process, one does, and the others are handled by it',
    async run(harness) {
      const scene = play()
      const members = await Promise.all([harness.join(scene.messages), harness.join(scene.messages)])
      const add = (saga: { state: { sum: number } }) => {
        saga.state.sum += 1
      }
      const zero = { key: byKey, state: () => ({ sum: 0, seen: [] }) }
      for (const { messaging } of members) {
        messaging.sagas
          .run(scene.Process, inert)
          .startedBy(scene.Begun, zero, add)
          .startedBy(scene.Moved, zero, add)
      }
      await Promise.all(members.map(({ messaging }) => messaging.start()))
      const { messaging } = members[0]!
      const both = [scene.Begun, scene.Moved]
      await Promise.all(
        Array.from({ length: 12 }, (_, n) => messaging.publish(both[n % 2]!, { key: `k${n % 3}`, n })),
      )
      await settled(...members)
      const sagas = await messaging.sagas.list(scene.Process)
      assert.deepEqual(
        sagas.map(({ key, state }) => [key, state.sum]),
        [
          ['k0', 4],
          ['k1', 4],
          ['k2', 4],
        ],
      )
    },
  },
  {
    name: 'a message that overtakes the one that starts its process waits for it, and holds it up by no key',
    async run(harness) {
      const { scene, member, messaging } = await alone(harness)
      addUp(messaging, scene)
      await messaging.start()
      await messaging.publish(scene.Moved, { key: 'a', n: 2 }, { key: 'a' })
      await until('it waits', async () => (await messaging.status()).delayed === 1)
      await messaging.publish(scene.Begun, { key: 'a', n: 1 }, { key: 'a' })
      await reached(messaging, scene, 'a', 'running')
      await settled(member)
      assert.deepEqual((await reached(messaging, scene, 'a', 'running')).state, { sum: 3, seen: [1, 2] })
      assert.equal(await messaging.deadLetters.count(), 0)
    },
  },
  {
    name: 'a message without a process is ignored or a dead letter, as declared, and one of no process is nothing',
    async run(harness) {
      const { scene, member, messaging } = await alone(harness)
      let handled = 0
      const handler = () => void handled++
      messaging.sagas
        .run(scene.Process, inert)
        .startedBy(scene.Begun, { ...beginning, key: ({ n }) => (n < 0 ? undefined : 'b') }, handler)
        .on(scene.Moved, { key: byKey, missing: 'ignore' }, handler)
        .on(scene.Ended, { key: byKey, missing: 'dead_letter' }, handler)
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: -1 })
      await messaging.publish(scene.Moved, { key: 'a', n: 1 })
      await messaging.publish(scene.Ended, { key: 'a', n: 1 })
      await settled(member)
      assert.equal(handled, 0)
      const letters = await messaging.deadLetters.list()
      assert.deepEqual(
        letters.map(({ type, attempts }) => [type, attempts]),
        [[scene.Ended.name, 1]],
      )
      assert.match(letters[0]!.reason, /no saga .* of "a"/)
    },
  },
  {
    name: 'a key that cannot be told apart everywhere sends its message to the dead letters at once',
    async run(harness) {
      const { scene, member, messaging } = await alone(harness)
      addUp(messaging, scene)
      await messaging.start()
      const keys = ['', 'a ', 'x'.repeat(201)]
      for (const key of keys) await messaging.publish(scene.Begun, { key, n: 1 })
      await messaging.publish(scene.Begun, { key: 'x'.repeat(200), n: 1 })
      await settled(member)
      const letters = await messaging.deadLetters.list()
      assert.equal(letters.length, keys.length)
      assert.ok(letters.every(({ attempts, reason }) => attempts === 1 && /1 to 200 characters/.test(reason)))
      assert.equal((await messaging.sagas.list(scene.Process)).length, 1)
    },
  },
  {
    name: 'processes of the same key but of different kinds do not mix',
    async run(harness) {
      const name = fresh('process')
      const [one, other] = [play(1, `${name}.one`), play(1, `${name}.other`)]
      const member = await harness.join([...one.messages, ...other.messages])
      const { messaging } = member
      addUp(messaging, one)
      addUp(messaging, other)
      await messaging.start()
      await messaging.publish(one.Begun, { key: 'a', n: 1 })
      await messaging.publish(other.Begun, { key: 'a', n: 2 })
      await messaging.publish(one.Ended, { key: 'a', n: 0 })
      await settled(member)
      assert.equal((await reached(messaging, one, 'a', 'completed')).state.sum, 1)
      assert.equal((await reached(messaging, other, 'a', 'running')).state.sum, 2)
    },
  },
]
