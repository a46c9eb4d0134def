import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from 'portolan/runtime'

test('a delay beyond what the timers of the platform take is not taken for none', async () => {
  const month = 31 * 86_400_000
  const rung: string[] = []
  const giveUp = new AbortController()
  const timer = systemClock.timer(month, () => rung.push('timer'))
  const sleep = systemClock.sleep(month, giveUp.signal).then(
    () => rung.push('sleep'),
    () => {},
  )
  await systemClock.sleep(20)
  assert.deepEqual(rung, [])
  timer.cancel()
  giveUp.abort()
  await sleep
})
