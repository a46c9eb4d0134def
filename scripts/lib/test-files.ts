import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { run, type TestsStream } from 'node:test'
import { root } from './workspace.ts'

/** For one test; one that needs longer says so itself. */
const testTimeoutMs = 120_000

/** Runs test files of the workspace, each in a process of its own, as many at a time as there are cores. */
export function runTestFiles(files: readonly string[]): TestsStream {
  // Compiled once for all the processes that the tests start; half of the time that it takes to start one.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compile')
  return run({
    files: files.map(path => join(root, path)),
    cwd: root,
    concurrency: availableParallelism(),
    execArgv: ['--conditions=source'],
    timeout: testTimeoutMs,
  })
}
