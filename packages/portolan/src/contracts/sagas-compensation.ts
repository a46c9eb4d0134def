import assert from 'node:assert/strict'
import type { ContractCase } from './contract.ts'
import { effect, effects, settled, soon, until } from './messaging-support.ts'
import {
  alone,
  beginning,
  byKey,
  closedBank,
  inert,
  nothing,
  play,
  reached,
  type SagaHarness,
} from './sagas-kit.ts'

/** What is undone when a process cannot go on. */
export const compensationCases: readonly ContractCase<SagaHarness>[] = [
  {
    name: 'what was done is undone in reverse order, each step once, and what was not done is not',
    async run(harness) {
      const { scene, messaging, database } = await alone(harness)
      const undo = (step: string) => () => effect(database, 'undone', step)
      messaging.sagas
        .run(scene.Process, {
          ...inert,
          undo: { first: undo('first'), second: undo('second'), third: undo('third') },
        })
        .startedBy(scene.Begun, beginning, saga => saga.done('second'))
        .on(scene.Moved, { key: byKey }, saga => {
          // Done again, it keeps its place.
          for (const step of ['first', 'second'] as const) saga.done(step)
        })
        .on(scene.Ended, { key: byKey }, saga => saga.fail('The till is broken.'))
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 }, { key: 'a' })
      await messaging.publish(scene.Moved, { key: 'a', n: 1 }, { key: 'a' })
      await until(
        'both are done',
        async () => (await messaging.sagas.find(scene.Process, 'a'))?.steps.length === 2,
      )
      await messaging.publish(scene.Ended, { key: 'a', n: 1 }, { key: 'a' })
      const view = await reached(messaging, scene, 'a', 'failed')
      assert.deepEqual(
        (await effects(database)).map(({ note }) => note),
        ['first', 'second'],
      )
      assert.deepEqual([view.steps, view.reason], [[], 'The till is broken.'])
      assert.ok(view.endedAt! >= view.startedAt)
    },
  },
  {
    name: 'a process that fails before anything was done has ended',
    async run(harness) {
      const { scene, member, messaging, database } = await alone(harness)
      const undo = () => effect(database, 'undone', 'something')
      messaging.sagas
        .run(scene.Process, { ...inert, undo: { first: undo, second: undo, third: undo } })
        .startedBy(scene.Begun, beginning, saga => saga.fail('Not today.\0'))
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 })
      const view = await reached(messaging, scene, 'a', 'failed')
      await settled(member)
      assert.equal(view.reason, 'Not today.\uFFFD')
      assert.deepEqual(await effects(database), [])
    },
  },
  {
    name: 'a step that cannot be undone is tried again, under one key, and holds up those before it',
    async run(harness) {
      const { scene, messaging, database } = await alone(harness)
      let broken = true
      const keys = new Set<string>()
      messaging.sagas
        .run(scene.Process, {
          ...inert,
          retry: { ...soon, attempts: 3 },
          undo: {
            ...inert.undo,
            first: () => effect(database, 'undone', 'first'),
            second: async (_, { idempotencyKey }) => {
              keys.add(idempotencyKey)
              await effect(database, 'undone', 'second')
              if (broken) throw new Error('The bank is closed.')
            },
          },
        })
        .startedBy(scene.Begun, beginning, saga => {
          saga.done('first')
          saga.done('second')
          saga.fail('enough')
        })
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 })
      await until('it is given up', async () => (await messaging.deadLetters.count()) === 1)
      const stuck = await reached(messaging, scene, 'a', 'compensating')
      assert.deepEqual(stuck.steps, ['first', 'second'])
      assert.deepEqual(await effects(database), [])
      broken = false
      const [letter] = await messaging.deadLetters.list()
      assert.match(letter!.reason, /The bank is closed/)
      await messaging.deadLetters.replay(letter!.id)
      await reached(messaging, scene, 'a', 'failed')
      assert.deepEqual(
        (await effects(database)).map(({ note }) => note),
        ['second', 'first'],
      )
      assert.deepEqual([...keys], [`${stuck.id}:second`])
    },
  },
  {
    name: 'a process of the application that goes away in the middle of undoing is replaced by another',
    async run(harness) {
      const scene = play()
      const members = [await harness.join(scene.messages), await harness.join(scene.messages)]
      const begun = Promise.withResolvers<void>()
      for (const [index, { messaging, database }] of members.entries()) {
        messaging.sagas
          .run(scene.Process, {
            ...inert,
            undo: {
              first: () => effect(database, 'undone', 'first'),
              second: async (_, { signal }) => {
                await effect(database, 'undone', 'second')
                if (index > 0) return
                begun.resolve()
                await new Promise((_, reject) =>
                  signal.addEventListener('abort', () => reject(signal.reason)),
                )
              },
              third: () => effect(database, 'undone', 'third'),
            },
          })
          .startedBy(scene.Begun, beginning, saga => {
            for (const step of scene.Process.steps) saga.done(step)
            saga.fail('enough')
          })
      }
      const [one, other] = members as [(typeof members)[0], (typeof members)[0]]
      await one.messaging.start()
      await one.messaging.publish(scene.Begun, { key: 'a', n: 1 }, { key: 'a' })
      await begun.promise
      await one.messaging.stop()
      await other.messaging.start()
      await reached(other.messaging, scene, 'a', 'failed')
      assert.deepEqual(
        (await effects(other.database)).map(({ note }) => note),
        ['third', 'second', 'first'],
      )
    },
  },
  {
    name: 'messages for a process that is being undone do not change it',
    async run(harness) {
      const { scene, messaging } = await alone(harness)
      const late: string[] = []
      const bank = closedBank()
      messaging.sagas
        .run(scene.Process, { ...inert, ...bank, undo: { ...inert.undo, first: bank.undo } })
        .startedBy(scene.Begun, beginning, saga => {
          saga.done('first')
          saga.fail('enough')
        })
        .on(scene.Moved, { key: byKey, late: view => void late.push(view.status) }, saga => {
          saga.state.sum = 99
        })
        .on(scene.Ended, { key: byKey }, nothing)
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 })
      await reached(messaging, scene, 'a', 'compensating')
      await messaging.publish(scene.Moved, { key: 'a', n: 1 })
      await until('it is told', () => late.length > 0)
      bank.open()
      const view = await reached(messaging, scene, 'a', 'failed')
      assert.deepEqual([late, view.state.sum], [['compensating'], 1])
    },
  },
]
