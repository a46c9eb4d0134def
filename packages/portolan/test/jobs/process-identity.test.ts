import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { provablyDead, thisProcess } from '../../src/jobs/drivers/sql/process-identity.ts'

const self = thisProcess(true)

test('a living process is not dead', () => {
  assert.equal(provablyDead(self, self), false)
  assert.deepEqual(thisProcess(true), self)
})

test('a process that was killed is dead', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const identity = { ...self, pid: child.pid!, started: '' }
  assert.equal(provablyDead(identity, self), false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(provablyDead(identity, self), true)
})

test('a process whose number was given to another one is dead', {
  skip: !existsSync('/proc/self/stat'),
}, () => {
  assert.notEqual(self.started, '')
  assert.equal(provablyDead({ ...self, started: '1' }, self), true)
})

test('nothing can be said about a process of another machine or container, or of unknown start', () => {
  assert.equal(provablyDead({ ...self, host: 'another', started: '1' }, self), false)
  assert.equal(provablyDead({ ...self, started: '' }, self), false)
})
