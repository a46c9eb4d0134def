import assert from 'node:assert/strict'
import type { Database } from '../persistence/database.ts'
import type { ContractCase } from './contract.ts'
import { effect, effects, settled, soon, until } from './messaging-support.ts'
import {
  alone,
  beginning,
  byKey,
  hour,
  inert,
  movableTime,
  play,
  reached,
  type SagaHarness,
} from './sagas-kit.ts'

/** What happens when something takes too long. Once all is said, `settled` waits for what is delayed: what has not happened by then never will. */
export const timeoutCases: readonly ContractCase<SagaHarness>[] = [
  {
    name: 'a timeout happens once, with the state as it is then, whichever process is there',
    async run(harness) {
      const scene = play()
      const { clock, advance } = movableTime()
      const members = await Promise.all([1, 2].map(() => harness.join(scene.messages, { clock })))
      for (const { messaging, database } of members) {
        messaging.sagas
          .run(scene.Process, {
            ...inert,
            timeouts: {
              ...inert.timeouts,
              soon: async saga => {
                await effect(database, saga.key, saga.state.sum)
                saga.fail('It took too long.')
              },
            },
          })
          .startedBy(scene.Begun, beginning, saga => saga.timeout('soon', '1h'))
          .on(scene.Moved, { key: byKey }, saga => {
            saga.state.sum += 1
          })
      }
      await Promise.all(members.map(({ messaging }) => messaging.start()))
      const { messaging, database } = members[0]!
      const keys = ['a', 'b', 'c', 'd']
      for (const key of keys) await messaging.publish(scene.Begun, { key, n: 1 }, { key })
      for (const key of keys) await messaging.publish(scene.Moved, { key, n: 1 }, { key })
      for (const key of keys)
        await until(
          'it has moved',
          async () => (await messaging.sagas.find(scene.Process, key))?.state.sum === 2,
        )
      assert.deepEqual(await effects(database), [])
      advance(hour)
      for (const key of keys) await reached(messaging, scene, key, 'failed')
      await settled(...members)
      const happened = (await effects(database)).map(({ message, note }) => `${message} ${note}`)
      assert.deepEqual(
        happened.sort(),
        keys.map(key => `${key} 2`),
      )
      const failed = await messaging.sagas.list(scene.Process, { status: 'failed' })
      assert.deepEqual(
        failed.map(({ key, reason }) => [key, reason]),
        keys.map(key => [key, 'It took too long.']),
      )
    },
  },
  {
    name: 'a timeout that was cancelled, or whose process has ended or failed, does not happen',
    async run(harness) {
      const { clock, advance } = movableTime()
      const { scene, member, messaging, database } = await alone(harness, { clock })
      messaging.sagas
        .run(scene.Process, {
          ...inert,
          timeouts: {
            soon: saga => effect(database, saga.key, 'soon'),
            later: saga => effect(database, saga.key, 'later'),
          },
        })
        .startedBy(scene.Begun, beginning, saga => {
          saga.timeout('soon', '1h')
          saga.timeout('later', '2h')
        })
        .on(scene.Moved, { key: byKey }, saga => {
          saga.state.sum += 1
          if (saga.key === 'cancelled') saga.cancel('soon')
          if (saga.key === 'failed') saga.fail('enough')
          if (saga.key === 'completed') saga.complete()
        })
      await messaging.start()
      for (const key of ['cancelled', 'failed', 'completed']) {
        await messaging.publish(scene.Begun, { key, n: 1 }, { key })
        await messaging.publish(scene.Moved, { key, n: 1 }, { key })
        await until(
          'it has moved',
          async () => (await messaging.sagas.find(scene.Process, key))?.state.sum === 2,
        )
      }
      advance(3 * hour)
      await happened(database, 1)
      await settled(member)
      assert.deepEqual(
        (await effects(database)).map(({ message, note }) => `${message} ${note}`),
        ['cancelled later'],
      )
      assert.equal(await messaging.deadLetters.count(), 0)
    },
  },
  {
    name: 'a timeout that is set again happens once, for the last time it was set; one that has happened can be set anew',
    async run(harness) {
      const { clock, advance } = movableTime()
      const { scene, member, messaging, database } = await alone(harness, { clock })
      messaging.sagas
        .run(scene.Process, {
          ...inert,
          timeouts: {
            ...inert.timeouts,
            soon: async saga => {
              await effect(database, saga.key, saga.state.sum)
              saga.state.sum *= 10
              if (saga.state.sum < 1_000) saga.timeout('soon', 1)
            },
          },
        })
        .startedBy(scene.Begun, beginning, saga => saga.timeout('soon', '1h'))
        .on(scene.Moved, { key: byKey }, saga => {
          saga.state.sum = 4
          saga.timeout('soon', '2h')
        })
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 }, { key: 'a' })
      await messaging.publish(scene.Moved, { key: 'a', n: 1 }, { key: 'a' })
      await until(
        'it is set again',
        async () => (await messaging.sagas.find(scene.Process, 'a'))?.state.sum === 4,
      )
      advance(3 * hour)
      await happened(database, 3)
      await settled(member)
      assert.deepEqual(
        (await effects(database)).map(({ note }) => Number(note)),
        [4, 40, 400],
      )
    },
  },
  {
    name: 'a timeout whose handler fails is tried again, and has one effect',
    async run(harness) {
      const { scene, messaging, database } = await alone(harness)
      let failures = 3
      messaging.sagas
        .run(scene.Process, {
          ...inert,
          retry: soon,
          timeouts: {
            ...inert.timeouts,
            soon: async saga => {
              await effect(database, saga.key, 'soon')
              saga.complete()
              if (failures-- > 0) throw new Error('not yet')
            },
          },
        })
        .startedBy(scene.Begun, beginning, saga => saga.timeout('soon', 1))
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 })
      await reached(messaging, scene, 'a', 'completed')
      assert.equal((await effects(database)).length, 1)
    },
  },
  {
    name: 'a process that is started again for the same key is not meant by the timeouts of the one before',
    async run(harness) {
      const { clock, advance } = movableTime()
      const { scene, member, messaging, database } = await alone(harness, { clock })
      messaging.sagas
        .run(scene.Process, {
          ...inert,
          timeouts: { ...inert.timeouts, soon: saga => effect(database, saga.key, saga.state.sum) },
        })
        .startedBy(scene.Begun, { ...beginning, late: 'restart' }, saga => saga.timeout('soon', '1h'))
        .on(scene.Ended, { key: byKey }, saga => saga.complete())
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 }, { key: 'a' })
      await messaging.publish(scene.Ended, { key: 'a', n: 1 }, { key: 'a' })
      await reached(messaging, scene, 'a', 'completed')
      await messaging.publish(scene.Begun, { key: 'a', n: 2 }, { key: 'a' })
      await reached(messaging, scene, 'a', 'running')
      advance(2 * hour)
      await happened(database, 1)
      await settled(member)
      assert.deepEqual(
        (await effects(database)).map(({ note }) => note),
        ['2'],
      )
    },
  },
]

function happened(database: Database, count: number): Promise<void> {
  return until(`${count} timeouts have happened`, async () => (await effects(database)).length >= count)
}
