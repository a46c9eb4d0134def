/**
 * `npm run matrix`: runs the contract of every port against every adapter, and writes the tables of docs/contracts.md.
 *
 *   npm run matrix               write them
 *   npm run matrix -- locks      those of these ports alone
 *   npm run matrix -- --check    fail when the page does not say what the run says
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as contractsOfTheLibrary from 'portolan/contracts'
import { findEngines, startInstalled, whyNot } from 'portolan-engines'
import { count, paint } from './lib/terminal.ts'
import { runTestFiles } from './lib/test-files.ts'
import { filesOf, root } from './lib/workspace.ts'
import { markdown, withSomeTables, withTables } from './matrix/page.ts'
import { collect } from './matrix/results.ts'
import { type Known, tablesOf } from './matrix/rows.ts'

const usage = `Runs the contract of every port against every adapter, and writes the tables of docs/contracts.md.
It needs every server: npm run engines -- status

  npm run matrix -- [PORT …] [--check]

  PORT      runs and writes the tables of these ports alone; the others stay as they are
  --check   write nothing; exit with 1 when the page does not say what the run says
  --help    print this`

const pagePath = join(root, 'docs', 'contracts.md')
const patterns = ['packages/*/test/**/contract*.test.ts', 'packages/*/test/contracts/**/*.test.ts']

const { check, ports } = chosen()
await using _started = await startInstalled(process.env, line => console.error(line))
const contracts = Object.values<unknown>(contractsOfTheLibrary)
  .filter(isContract)
  .filter(({ port }) => ports.length === 0 || ports.includes(port))
const files = filesOf(patterns).filter(runsOne)
console.error(`${count(contracts.length, 'contract')}, ${count(files.length, 'file')} of tests …`)

const { results, failures } = await collect(
  runTestFiles(files),
  contracts.map(({ port }) => port),
)
const { tables, problems } = tablesOf(contracts, results)
// Chromium passes no contract; every server may.
const missing = (await findEngines()).filter(({ name, at }) => name !== 'chromium' && at === undefined)
const incomplete = [...failures, ...problems, ...missing.map(engine => `there is ${whyNot(engine)}`)]
console.log(markdown(tables))

if (incomplete.length > 0) {
  console.error(`\n${paint('red', 'This is not the whole matrix, and the page stays as it is:')}`)
  for (const problem of incomplete) console.error(`  ${problem}`)
  process.exitCode = 1
} else {
  const page = readFileSync(pagePath, 'utf8')
  const written = ports.length === 0 ? withTables(page, tables) : withSomeTables(page, tables)
  if (written === page) console.error('\ndocs/contracts.md says so already.')
  else if (check) {
    console.error('\ndocs/contracts.md says something else. Run npm run matrix.')
    process.exitCode = 1
  } else {
    writeFileSync(pagePath, written)
    console.error('\ndocs/contracts.md is written.')
  }
}

/** A file of tests names the contract that it runs. */
function runsOne(path: string): boolean {
  const source = readFileSync(join(root, path), 'utf8')
  return Object.entries<unknown>(contractsOfTheLibrary).some(
    ([name, value]) => contracts.some(contract => contract === value) && source.includes(name),
  )
}

function isContract(value: unknown): value is Known {
  return typeof value === 'object' && value !== null && 'port' in value && 'cases' in value
}

function chosen(): { check: boolean; ports: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    const known = Object.values<unknown>(contractsOfTheLibrary)
      .filter(isContract)
      .map(({ port }) => port)
    const wrong = positionals.find(port => !known.includes(port))
    if (wrong !== undefined)
      throw new Error(`There is no contract of '${wrong}', but of: ${known.join(', ')}.`)
    return { ...values, ports: positionals }
  } catch (error) {
    console.error(`${(error as Error).message}\nSee npm run matrix -- --help.`)
    process.exit(2)
  }
}
