/** `npm test`: every check and test of the workspace, in stages. */
import { parseArgs } from 'node:util'
import { startInstalled } from 'portolan-engines'
import { indent, paint, readableMs } from './lib/terminal.ts'
import { docs } from './test/docs.ts'
import { engines, enginesLine } from './test/engines.ts'
import { nodeTests } from './test/node-tests.ts'
import { pack } from './test/pack.ts'
import type { Outcome } from './test/stage.ts'
import { boundaries, format, types } from './test/static-checks.ts'

const usage = `Runs every check and test of the workspace, in stages.

  npm test -- [PATTERN …] [--only STAGE]

  PATTERN       only the test files whose path holds one of these
  --only STAGE  format, types, boundaries, tests, docs, pack or engines; may be given again
  --help        print this

  npm test
  npm test -- jobs files/
  npm test -- --only types --only docs`

const stages = [format, types, boundaries, nodeTests, docs, pack, engines]

const { only, patterns } = chosen()
const results: { name: string; ms: number; outcome: Outcome }[] = []
const began = performance.now()

// Only these stages use engines, or tell of them.
const withEngines = [nodeTests, docs, engines].some(({ name }) => only.includes(name))
await using _started = withEngines ? await startInstalled(process.env, console.log) : undefined

for (const stage of stages.filter(({ name }) => only.includes(name))) {
  const start = performance.now()
  console.log(paint('bold', stage.name))
  const outcome = await stage.run({ patterns, print: line => console.log(line) }).catch(crashed)
  const ms = performance.now() - start
  if (outcome.details) console.log(indent(outcome.details, '  '))
  results.push({ name: stage.name, ms, outcome })
}

console.log(`\n${paint('bold', 'summary')}`)
for (const { name, ms, outcome } of results) {
  const mark = outcome.ok ? paint('green', '✓') : paint('red', '✗')
  console.log(`  ${mark} ${name.padEnd(10)} ${readableMs(ms).padStart(8)}  ${outcome.summary}`)
}
const failed = results.filter(({ outcome }) => !outcome.ok).map(({ name }) => name)
const verdict = failed.length === 0 ? paint('green', 'passed') : paint('red', `failed: ${failed.join(', ')}`)
console.log(`${verdict} in ${readableMs(performance.now() - began)}`)
console.log(await enginesLine())
process.exitCode = failed.length === 0 ? 0 : 1

function chosen(): { only: readonly string[]; patterns: readonly string[] } {
  const names = stages.map(({ name }) => name)
  try {
    const { values, positionals } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    const unknown = values.only?.find(name => !names.includes(name))
    if (unknown) throw new Error(`There is no stage '${unknown}', but: ${names.join(', ')}.`)
    return { only: values.only ?? (positionals.length > 0 ? [nodeTests.name] : names), patterns: positionals }
  } catch (error) {
    console.error(`${(error as Error).message}\nSee npm test -- --help.`)
    process.exit(2)
  }
}

function crashed(error: unknown): Outcome {
  return {
    ok: false,
    summary: 'the stage itself failed',
    details: error instanceof Error ? error.stack : String(error),
  }
}
