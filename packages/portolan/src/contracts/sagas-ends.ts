import assert from 'node:assert/strict'
import type { Saga } from '../ports/sagas.ts'
import type { ContractCase } from './contract.ts'
import { fresh, refusal, settled, until } from './messaging-support.ts'
import {
  addUp,
  alone,
  beginning,
  byKey,
  closedBank,
  inert,
  nothing,
  play,
  reached,
  type SagaHarness,
  type StepName,
  type Tally,
  type TimeoutName,
} from './sagas-kit.ts'

/** What remains of a process, how its state changes with the code, and what is refused. */
export const endCases: readonly ContractCase<SagaHarness>[] = [
  {
    name: 'what comes after the end is told apart: ignored, handled as late, or a dead letter, as declared',
    async run(harness) {
      const { scene, member, messaging } = await alone(harness)
      const late: unknown[] = []
      messaging.sagas
        .run(scene.Process, inert)
        .startedBy(scene.Begun, beginning, saga => saga.complete())
        .on(
          scene.Moved,
          { key: byKey, late: ({ status, state }, { data }) => void late.push([status, state.sum, data.n]) },
          () => assert.fail('It has ended.'),
        )
        .on(scene.Ended, { key: byKey, late: 'dead_letter' }, () => assert.fail('It has ended.'))
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 }, { key: 'a' })
      const ended = await reached(messaging, scene, 'a', 'completed')
      // Another one that would start it finds that it has ended.
      await messaging.publish(scene.Begun, { key: 'a', n: 7 }, { key: 'a' })
      await messaging.publish(scene.Moved, { key: 'a', n: 2 }, { key: 'a' })
      await messaging.publish(scene.Ended, { key: 'a', n: 3 }, { key: 'a' })
      await settled(member)
      assert.deepEqual(late, [['completed', 1, 2]])
      assert.deepEqual(
        (await messaging.deadLetters.list()).map(({ type, attempts }) => [type, attempts]),
        [[scene.Ended.name, 1]],
      )
      assert.deepEqual(await messaging.sagas.find(scene.Process, 'a'), ended)
    },
  },
  {
    name: 'a process can be started again after its end, and is another one then',
    async run(harness) {
      const { scene, messaging } = await alone(harness)
      const bank = closedBank()
      messaging.sagas
        .run(scene.Process, { ...inert, ...bank, undo: { ...inert.undo, first: bank.undo } })
        .startedBy(scene.Begun, { ...beginning, late: 'restart' }, (saga, { data }) => {
          if (data.n > 1) return
          saga.done('first')
          saga.fail('enough')
        })
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 })
      const first = await reached(messaging, scene, 'a', 'compensating')
      await messaging.publish(scene.Begun, { key: 'a', n: 5 })
      await until('it waits until the first is undone', async () => (await messaging.status()).delayed === 1)
      bank.open()
      const second = await reached(messaging, scene, 'a', 'running')
      assert.notEqual(second.id, first.id)
      assert.deepEqual([second.state.sum, second.reason, second.steps], [5, undefined, []])
    },
  },
  {
    name: 'what has ended is pruned after its retention, what runs stays',
    async run(harness) {
      const scene = play()
      const member = await harness.join(scene.messages)
      addUp(member.messaging, scene)
      await member.messaging.start()
      for (const key of ['runs', 'ends']) await member.messaging.publish(scene.Begun, { key, n: 1 }, { key })
      await member.messaging.publish(scene.Ended, { key: 'ends', n: 1 }, { key: 'ends' })
      await reached(member.messaging, scene, 'ends', 'completed')
      const strict = await harness.join(scene.messages, { sagaRetention: 0 })
      addUp(strict.messaging, scene)
      await strict.messaging.start()
      await until('it is gone', async () => !(await strict.messaging.sagas.find(scene.Process, 'ends')))
      await reached(strict.messaging, scene, 'runs', 'running')
    },
  },
  {
    name: 'a state of an earlier version is lifted when the next message comes',
    async run(harness) {
      const name = fresh('process')
      const before = play(1, name)
      const after = play(2, name, {
        1: (state: Tally) => ({ ...state, sum: state.sum * 100 }),
      })
      const old = await harness.join(before.messages)
      addUp(old.messaging, before)
      await old.messaging.start()
      await old.messaging.publish(before.Begun, { key: 'a', n: 1 }, { key: 'a' })
      await reached(old.messaging, before, 'a', 'running')
      await old.messaging.stop()
      const young = await harness.join(after.messages)
      addUp(young.messaging, after)
      await young.messaging.start()
      await young.messaging.publish(after.Moved, { key: 'a', n: 2 }, { key: 'a' })
      await settled(young)
      assert.deepEqual((await reached(young.messaging, after, 'a', 'running')).state, {
        sum: 102,
        seen: [1, 2],
      })
    },
  },
  {
    name: 'a state that the schema refuses is not saved, and its message becomes a dead letter',
    async run(harness) {
      const { scene, member, messaging } = await alone(harness)
      messaging.sagas
        .run(scene.Process, { ...inert, retry: { attempts: 1 } })
        .startedBy(scene.Begun, beginning, nothing)
        .on(scene.Moved, { key: byKey }, saga => {
          saga.state = { sum: 'much', seen: [] } as unknown as Tally
        })
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 }, { key: 'a' })
      await messaging.publish(scene.Moved, { key: 'a', n: 1 }, { key: 'a' })
      await settled(member)
      const [letter] = await messaging.deadLetters.list()
      assert.match(letter!.reason, /^invalid_argument: The state of saga/)
      assert.equal((await reached(messaging, scene, 'a', 'running')).state.sum, 1)
    },
  },
  {
    name: 'what a handler does to a process after it was ended there, or after the handler, is refused',
    async run(harness) {
      const { scene, messaging } = await alone(harness)
      const errors: unknown[] = []
      let escaped: Saga<Tally, StepName, TimeoutName> | undefined
      messaging.sagas.run(scene.Process, inert).startedBy(scene.Begun, beginning, saga => {
        escaped = saga
        saga.complete()
        try {
          saga.timeout('soon', '1s')
        } catch (error) {
          errors.push(error)
        }
      })
      await messaging.start()
      await messaging.publish(scene.Begun, { key: 'a', n: 1 })
      await reached(messaging, scene, 'a', 'completed')
      assert.match(String(errors[0]), /completed before/)
      await refusal('precondition_failed', (async () => escaped!.done('first'))())
    },
  },
  {
    name: 'a process is declared before the start, by something that starts it, once',
    async run(harness) {
      const scene = play()
      const { messaging } = await harness.join(scene.messages)
      await refusal('precondition_failed', messaging.sagas.find(scene.Process, 'a'))
      messaging.sagas.run(scene.Process, inert).on(scene.Moved, { key: byKey }, nothing)
      const again = (async () => messaging.sagas.run(scene.Process, inert))()
      await refusal('invalid_argument', again)
      const error = await refusal('precondition_failed', messaging.start())
      assert.match(error.message, /startedBy/)
      const other = play()
      const { messaging: started } = await harness.join(other.messages)
      addUp(started, other)
      await started.start()
      await refusal('precondition_failed', (async () => started.sagas.run(scene.Process, inert))())
    },
  },
  {
    name: 'processes are listed by their keys, page by page, and by their status',
    async run(harness) {
      const { scene, member, messaging } = await alone(harness)
      addUp(messaging, scene)
      await messaging.start()
      const keys = ['a', 'b', 'c', 'd', 'e']
      for (const key of keys) await messaging.publish(scene.Begun, { key, n: 1 }, { key })
      for (const key of ['b', 'e']) await messaging.publish(scene.Ended, { key, n: 1 }, { key })
      await settled(member)
      const keysOf = async (page: Parameters<typeof messaging.sagas.list>[1]) =>
        (await messaging.sagas.list(scene.Process, page)).map(({ key }) => key)
      assert.deepEqual(await keysOf({ limit: 2 }), ['a', 'b'])
      assert.deepEqual(await keysOf({ limit: 2, after: 'b' }), ['c', 'd'])
      assert.deepEqual(await keysOf({ status: 'completed' }), ['b', 'e'])
      assert.deepEqual(await keysOf({ status: 'running', after: 'c' }), ['d'])
    },
  },
]
