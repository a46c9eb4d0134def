import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressOn } from '../../src/replay/progress.ts'

/** What a stream was given to show. */
function screen(isTTY: boolean) {
  const written: string[] = []
  const stream = { isTTY, columns: 40, write: (text: string) => written.push(text) }
  return { written, progress: progressOn(stream as unknown as NodeJS.WriteStream) }
}

test('on a terminal, a bar grows in its line, which is never broken', () => {
  const { written, progress } = screen(true)
  progress.show('Selling ', 0, 2_000)
  progress.show('Selling ', 2_000, 2_000)
  progress.say('a line that stays')
  progress.end()
  const lines = written.map(text => text.replace('\r\u001b[K', ''))
  assert.match(lines[0]!, /^Selling +░{30}/)
  assert.match(lines[1]!, /^Selling +█{30}/)
  for (const line of lines) assert.ok(line.length < 40)
  assert.ok(written.includes('a line that stays\n'))
})

test('elsewhere, only what stays is written', () => {
  const { written, progress } = screen(false)
  progress.show('Selling ', 1, 2)
  progress.say('a line')
  progress.end()
  assert.deepEqual(written, ['a line\n'])
})
