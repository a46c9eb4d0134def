import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Starts a program, of this folder or given as a URL, and kills it at some moment after it has begun. `held`: what is done to it before that. */
export async function startAndKill(
  program: string,
  parameters: readonly string[],
  held?: (child: ChildProcess) => Promise<void>,
): Promise<void> {
  const child: ChildProcess = fork(new URL(program, import.meta.url), parameters, {
    execArgv: ['--conditions=source'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'portolan-compile-cache') },
  })
  const ended = once(child, 'exit')
  await Promise.race([once(child, 'message'), ended])
  await sleep(20 + Math.random() * 150)
  await held?.(child)
  child.kill('SIGKILL')
  await ended
  assert.equal(child.signalCode, 'SIGKILL', 'it ended before it was killed')
}
