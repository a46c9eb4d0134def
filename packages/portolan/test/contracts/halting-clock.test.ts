import assert from 'node:assert/strict'
import { test } from 'node:test'
import { haltingClock } from '../../src/contracts/halting-clock.ts'
import { systemClock } from '../../src/runtime/index.ts'

test('what a halted clock holds up goes on when it is disposed of, however its case ends', async () => {
  const rung = Promise.withResolvers<void>()
  let slept: Promise<void> | undefined
  const failing = async () => {
    using clock = haltingClock()
    clock.halt()
    clock.timer(1, rung.resolve)
    slept = clock.sleep(1)
    const early = await Promise.race([rung.promise.then(() => true), systemClock.sleep(20).then(() => false)])
    assert.ok(!early, 'it rang while it was halted')
    throw new Error('the case fails')
  }
  await assert.rejects(failing(), /the case fails/)
  await Promise.all([rung.promise, slept])
})
