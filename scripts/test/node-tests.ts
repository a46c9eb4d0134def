import { relative, resolve } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'
import { count, indent, paint, readableMs } from '../lib/terminal.ts'
import { runTestFiles } from '../lib/test-files.ts'
import { filesOf, root } from '../lib/workspace.ts'
import type { Outcome, Stage, StageOptions } from './stage.ts'

const patterns = [
  'packages/*/test/**/*.test.ts',
  'apps/*/test/**/*.test.ts',
  'benchmarks/test/**/*.test.ts',
  'engines/test/**/*.test.ts',
  'scripts/**/*.test.ts',
]

/** Every `node:test` file of the workspace, each in a process of its own. */
export const nodeTests: Stage = {
  name: 'tests',
  async run(options) {
    const all = filesOf(patterns)
    const files = all.filter(path => matches(path, options.patterns))
    if (files.length === 0) {
      return {
        ok: false,
        summary: `no test file matches ${options.patterns.join(' ')}`,
        details: all.join('\n'),
      }
    }
    return report(runTestFiles(files), files, options)
  },
}

const matches = (path: string, wanted: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some(pattern => path.includes(pattern))

/** What became of one file. */
interface FileReport {
  passed: number
  readonly skipped: string[]
  readonly failures: string[]
  output: string
}

/**
 * One line a file as it ends (a line a test, too, when files were chosen), and its failures in full with what it printed: at once,
 * and again at the end.
 */
async function report(
  events: AsyncIterable<TestEvent>,
  files: readonly string[],
  options: StageOptions,
): Promise<Outcome> {
  const reports = new Map<string, FileReport>(
    files.map(name => [name, { passed: 0, skipped: [], failures: [], output: '' }]),
  )
  const print = options.patterns.length > 0 ? options.print : () => {}
  for await (const { type, data } of events) {
    const name = data && 'file' in data && data.file ? nameOf(data.file) : ''
    const file = reports.get(name)
    if (!file) continue
    if (type === 'test:stdout' || type === 'test:stderr') file.output += data.message
    else if (type === 'test:summary') {
      const ok = file.failures.length === 0
      options.print(`  ${mark(ok)} ${name} ${paint('dim', tally(file, data.duration_ms))}`)
      if (!ok) options.print(indent(told(file), '  '))
    } else if (type === 'test:pass' || type === 'test:fail') {
      // A file that ends badly, or has no test in it, is reported as if it were a test itself.
      const isFile = nameOf(resolve(root, data.name)) === name
      if (isFile) {
        const what = type === 'test:fail' ? ending(data.details.error) : 'There is no test in it.'
        file.failures.push(`${mark(false)} ${what}`)
        options.print(`  ${mark(false)} ${name}\n${indent(told(file), '  ')}`)
      } else if (type === 'test:fail') {
        if (isConsequence(data.details.error)) continue
        file.failures.push(`${mark(false)} ${data.name}\n${indent(explain(data.details.error))}`)
        print(`    ${mark(false)} ${data.name}`)
      } else if (data.skip !== undefined) {
        file.skipped.push(`${data.name} (${data.skip === true ? 'no reason given' : data.skip})`)
        print(`    - ${data.name}`)
      } else if (data.details.type !== 'suite') {
        file.passed++
        print(`    ${mark(true)} ${data.name} ${paint('dim', readableMs(data.details.duration_ms))}`)
      }
    }
  }
  return outcome([...reports])
}

function outcome(reports: readonly [name: string, file: FileReport][]): Outcome {
  const sum = (of: (file: FileReport) => number) => reports.reduce((total, [, file]) => total + of(file), 0)
  const [passed, failed, skipped] = [
    sum(file => file.passed),
    sum(file => file.failures.length),
    sum(file => file.skipped.length),
  ]
  const skips = reports.flatMap(([name, file]) => file.skipped.map(test => `- skipped: ${name}: ${test}`))
  const failures = reports
    .filter(([, file]) => file.failures.length > 0)
    .map(([name, file]) => `${paint('bold', name)}\n${told(file)}`)
  return {
    ok: failed === 0,
    summary: `${numbers(passed, failed, skipped)}, ${count(reports.length, 'file')}`,
    details: [...skips, ...failures].join('\n'),
  }
}

const nameOf = (path: string): string => relative(root, path).replaceAll('\\', '/')

const mark = (ok: boolean): string => (ok ? paint('green', '✓') : paint('red', '✗'))

const tally = ({ passed, failures, skipped }: FileReport, ms: number): string =>
  `${numbers(passed, failures.length, skipped.length)}, ${readableMs(ms)}`

const numbers = (passed: number, failed: number, skipped: number): string =>
  [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ')

/** What failed in a file, and what the file printed. */
const told = (file: FileReport): string => `${indent(file.failures.join('\n'), '  ')}${printed(file)}`

const printed = ({ output }: FileReport): string =>
  output.trim() === '' ? '' : `\n${indent(`it printed:\n${indent(output.trim().slice(-4000))}`, '  ')}`

/** Whether a suite failed only because a test in it did. */
const isConsequence = (error: Error): boolean =>
  'failureType' in error && error.failureType === 'subtestsFailed'

/** How the process of a file ended, when it was not by the outcome of its tests. */
const ending = (error: Error): string =>
  'exitCode' in error
    ? `Its process ended with exit code ${error.exitCode}.`
    : `It failed as a whole: ${error.message}`

/** The error that the test threw, without the frames of Node itself. */
function explain(error: Error): string {
  const thrown = error.cause ?? error
  // An assertion's message has the difference in it; its properties would say it again.
  const isAssertion = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_ASSERTION'
  const text = isAssertion ? (thrown.stack ?? thrown.message) : inspect(thrown, { depth: 6 })
  return text
    .split('\n')
    .filter(
      line =>
        !/^\s+at (.*\(?node:|(new Promise|Array\.map) \(<anonymous>\)$)/.test(line) || line.endsWith('{'),
    )
    .join('\n')
}
