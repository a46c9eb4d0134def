import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'

const fixture = join(import.meta.dirname, 'fixtures', 'signalled.ts')

/** Starts the fixture and waits until it listens. */
async function start(behaviour: string) {
  const child = spawn(process.execPath, ['--conditions=source', fixture, behaviour], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  let text = ''
  const said = (line: string) =>
    new Promise<void>(resolve => {
      const look = () => text.includes(line) && resolve()
      child.stdout?.on('data', look)
      look()
    })
  child.stdout?.on('data', chunk => {
    text += chunk
  })
  await said('ready')
  return { child, said, code: async () => (await exit)[0], text: () => text }
}

test('a signal stops the application; the exit code is 0', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, code, text } = await start('clean')
    child.kill(signal)
    assert.equal(await code(), 0)
    assert.equal(text(), 'ready\nstopping\nended 0\n')
  }
})

test('the exit code is 1 when it did not stop cleanly', async () => {
  const { child, code } = await start('fail')
  child.kill('SIGTERM')
  assert.equal(await code(), 1)
})

test('a second signal ends the process at once, with 128 and its number', async () => {
  const { child, said, code } = await start('hang')
  child.kill('SIGTERM')
  await said('stopping')
  child.kill('SIGINT')
  assert.equal(await code(), 130)
})

test('a signal that follows at once is the same request', async () => {
  const { child, said, code } = await start('twice')
  child.kill('SIGINT')
  await said('stopping')
  child.kill('SIGINT')
  assert.equal(await code(), 0)
})

test('what still holds the process after the stop is cut off', async () => {
  const { child, code } = await start('leak')
  child.kill('SIGTERM')
  assert.equal(await code(), 0)
})

test('it stops when its parent goes away', async () => {
  const { child, code, text } = await start('orphan')
  child.disconnect()
  assert.equal(await code(), 0)
  assert.match(text(), /stopping/)
})
