import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { root } from './workspace.ts'

/** For one test; one that needs longer says so itself. */
const testTimeoutMs = 120_000
/** A file that tells nothing for longer than its slowest test may take is stuck. */
const silenceMs = testTimeoutMs + 60_000

/**
 * Runs test files of the workspace, each in a process of its own, as many at a time as there are cores, and gives the events of
 * `node:test` as they come. A process that does not end, because its event loop is blocked or something in it is left open, is
 * killed after `silenceMs` without a word and counts as a failure of its file: no other file waits for it.
 */
export function runTestFiles(files: readonly string[], options = { silenceMs }): AsyncIterable<TestEvent> {
  // Compiled once for all the processes that the tests start; half of the time that it takes to start one.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compile')
  const events = new PassThrough({ objectMode: true })
  const waiting = files.map(path => join(root, path))
  const lane = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift())
      for await (const event of eventsOf(path, options.silenceMs)) events.write(event)
  }
  Promise.all(Array.from({ length: availableParallelism() }, lane)).then(
    () => events.end(),
    error => events.destroy(error),
  )
  return events
}

async function* eventsOf(path: string, longestSilenceMs: number): AsyncGenerator<TestEvent> {
  const stuck = new AbortController()
  const { signal } = stuck
  const stream = run({
    files: [path],
    cwd: root,
    execArgv: ['--conditions=source'],
    timeout: testTimeoutMs,
    signal,
  })
  const watch = setTimeout(() => stuck.abort(), longestSilenceMs)
  try {
    for await (const event of stream) {
      watch.refresh()
      yield signal.aborted ? explained(event, path, longestSilenceMs) : event
    }
  } finally {
    clearTimeout(watch)
  }
}

/** The failure of a file that was killed says why; other events stay as they are. */
function explained(event: TestEvent, path: string, silentMs: number): TestEvent {
  if (event.type === 'test:fail' && event.data.name === path) {
    const message = `its process did not end, and was killed after ${silentMs / 1000} s without a word. A test blocks the event loop, or left something open.`
    event.data.details.error = new Error(message) as typeof event.data.details.error
  }
  return event
}
