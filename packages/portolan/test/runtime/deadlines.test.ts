import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from 'portolan/runtime'
import { Deadlines } from '../../src/runtime/deadlines.ts'

/** A clock whose timers fire when it is moved. */
function manual() {
  let now = 0
  const timers = new Set<{ readonly at: number; fire(): void }>()
  return {
    ...systemClock,
    timers,
    monotonic: () => now,
    timer(delayMs: number, fire: () => void) {
      const timer = { at: now + delayMs, fire }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    move(ms: number) {
      now += ms
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer)
        timer.fire()
      }
    },
  }
}

test('many waits share one timer; each is late after its own time, unless it was ended', () => {
  const clock = manual()
  const deadlines = new Deadlines(clock, 100)
  const late: string[] = []
  const begin = (name: string) => deadlines.begin(() => late.push(name))
  begin('a')
  clock.move(40)
  const ended = begin('b')
  begin('c')
  assert.equal(clock.timers.size, 1)
  deadlines.end(ended)
  clock.move(60)
  assert.deepEqual(late, ['a'])
  assert.equal(clock.timers.size, 1)
  clock.move(40)
  assert.deepEqual(late, ['a', 'c'])
  assert.equal(clock.timers.size, 0)
  begin('d')
  clock.move(100)
  assert.deepEqual(late, ['a', 'c', 'd'])
})

test('waits may be ended in any order, and twice', () => {
  const clock = manual()
  const deadlines = new Deadlines(clock, 100)
  const late: number[] = []
  const waits = Array.from({ length: 6 }, (_, at) => deadlines.begin(() => late.push(at)))
  for (const at of [2, 2, 0, 5, 3, 0]) deadlines.end(waits[at]!)
  const another = deadlines.begin(() => late.push(6))
  deadlines.end(another)
  deadlines.end(waits[5]!)
  clock.move(100)
  assert.deepEqual(late, [1, 4])
  for (const wait of waits) deadlines.end(wait)
  deadlines.begin(() => late.push(7))
  clock.move(100)
  assert.deepEqual(late, [1, 4, 7])
})

test('what arrived while the process was held up is not late', () => {
  const clock = manual()
  const deadlines = new Deadlines(clock, 100)
  const late: string[] = []
  const arrived = deadlines.begin(() => late.push('arrived'))
  deadlines.begin(() => late.push('missing'))
  clock.move(500)
  assert.deepEqual(late, [])
  deadlines.end(arrived)
  clock.move(0)
  assert.deepEqual(late, ['missing'])
  assert.equal(clock.timers.size, 0)
})
