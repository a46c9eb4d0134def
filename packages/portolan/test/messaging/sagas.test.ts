import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effect, effects, settled } from '../../src/contracts/messaging-support.ts'
import { beginning, byKey, inert, play, reached } from '../../src/contracts/sagas-kit.ts'
import { defineSaga } from '../../src/index.ts'
import { openHarness } from './harness.ts'

test('a saga takes no notice of messages that come twice', async () => {
  await using harness = await openHarness('apart', {
    wrap(driver) {
      const publish = driver.publish.bind(driver)
      driver.publish = async messages => {
        await publish(messages)
        return publish(messages)
      }
      return driver
    },
  })
  const scene = play()
  const member = await harness.join(scene.messages)
  const { messaging, database } = member
  messaging.sagas
    .run(scene.Process, {
      ...inert,
      undo: { ...inert.undo, first: () => effect(database, 'undone', 'first') },
    })
    .startedBy(scene.Begun, beginning, saga => saga.done('first'))
    .on(scene.Moved, { key: byKey }, saga => {
      saga.state.sum += 1
    })
    .on(scene.Ended, { key: byKey, late: 'dead_letter' }, saga => saga.fail('enough'))
  await messaging.start()
  for (const type of scene.messages) await messaging.publish(type, { key: 'a', n: 1 }, { key: 'a' })
  const view = await reached(messaging, scene, 'a', 'failed')
  await settled(member)
  assert.equal(view.state.sum, 2)
  assert.equal((await effects(database)).length, 1)
  assert.equal(await messaging.deadLetters.count(), 0)
})

test('a saga and its state, steps and timeouts are typed', async () => {
  await using harness = await openHarness('joined')
  const scene = play()
  const { messaging } = await harness.join(scene.messages)
  const Bare = defineSaga('bare', { version: 1, state: scene.Process.state })
  // Neither timeouts nor steps: there is nothing to say about them.
  messaging.sagas.run(Bare, {}).startedBy(scene.Begun, beginning, saga => {
    // @ts-expect-error: it has no such step.
    saga.done('first')
    // @ts-expect-error: it has no such timeout.
    saga.timeout('soon', 1)
  })
  const incomplete = { ...inert, undo: { first: () => {} } }
  assert.throws(() => {
    // @ts-expect-error: two steps have nothing that undoes them.
    messaging.sagas.run(scene.Process, incomplete)
    // @ts-expect-error: a state must be given.
    messaging.sagas.run(scene.Process, inert).startedBy(scene.Begun, { key: byKey }, () => {})
  })
})

test('a definition that makes no sense is refused', () => {
  const { state } = play().Process
  for (const name of ['', 'a b', 'x'.repeat(181)])
    assert.throws(() => defineSaga(name, { version: 1, state }), { code: 'invalid_argument' })
  assert.throws(() => defineSaga('a', { version: 0, state }), { code: 'invalid_argument' })
  const upcasters = { 2: (old: unknown) => old }
  assert.throws(() => defineSaga('a', { version: 2, state, upcasters }), { code: 'invalid_argument' })
})
