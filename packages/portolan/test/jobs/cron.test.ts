import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cronTimes } from '../../src/jobs/cron.ts'

function runs(cron: string, timeZone: string, from: string, to: string): string[] {
  const times = cronTimes('test', cron, timeZone)
  const found: string[] = []
  for (let at = times.next(Date.parse(from)); at !== undefined && at <= Date.parse(to); at = times.next(at)) {
    found.push(new Date(at).toISOString().replace('.000Z', 'Z'))
    assert.equal(times.latest(at), at, 'a run is the latest one at its own time')
    assert.equal(times.latest(at + 999), at, 'and just after it')
    assert.ok(times.latest(at - 1)! < at, 'but not before it')
  }
  return found
}

test('five fields, or six with seconds first', () => {
  assert.deepEqual(runs('*/20 * * * *', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'), [
    '2026-01-01T00:20:00Z',
    '2026-01-01T00:40:00Z',
    '2026-01-01T01:00:00Z',
  ])
  assert.deepEqual(runs('*/30 * * * * *', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'), [
    '2026-01-01T00:00:30Z',
    '2026-01-01T00:01:00Z',
  ])
})

test('a time of day follows its zone through the year', () => {
  const at = (day: string) => runs('0 9 * * *', 'America/New_York', `${day}T00:00:00Z`, `${day}T23:59:59Z`)
  assert.deepEqual(at('2026-01-15'), ['2026-01-15T14:00:00Z'])
  assert.deepEqual(at('2026-07-15'), ['2026-07-15T13:00:00Z'])
})

test('a time of day that the clocks jump over happens once, right after the gap', () => {
  // London: 01:00 GMT becomes 02:00 BST on 29 March 2026.
  assert.deepEqual(runs('30 1 * * *', 'Europe/London', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'), [
    '2026-03-29T01:00:00Z',
    '2026-03-30T00:30:00Z',
  ])
})

test('times of day in the hour that repeats happen once, also in a list', () => {
  // London: 02:00 BST becomes 01:00 GMT on 25 October 2026.
  const [from, to] = ['2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'] as const
  assert.deepEqual(runs('30 1 * * *', 'Europe/London', from, to), ['2026-10-25T00:30:00Z'])
  assert.deepEqual(runs('15,45 1 * * *', 'Europe/London', from, to), [
    '2026-10-25T00:15:00Z',
    '2026-10-25T00:45:00Z',
  ])
})

test('an interval goes on through the hour that repeats', () => {
  assert.deepEqual(runs('*/30 * * * *', 'Europe/London', '2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z'), [
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:00:00Z',
    '2026-10-25T01:30:00Z',
    '2026-10-25T02:00:00Z',
  ])
})
