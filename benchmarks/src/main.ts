import { parseArgs } from 'node:util'
import { measure, namesIn } from './measure.ts'
import { writePage } from './page.ts'
import { suites } from './suites/index.ts'
import { table } from './table.ts'

const names = Object.keys(suites)

const usage = `Measures the library beside its peers: all of them in one run, in turn, each result checked.

  npm run bench -- SUITE [--json] [--rounds N] [--only NAME] [--write]

${Object.entries(suites)
  .map(([name, { about }]) => `  ${name.padEnd(13)}${about}`)
  .join('\n')}

  --json       print one JSON object and nothing else
  --rounds N   measure N rounds of every contender; default 5
  --only NAME  only the case, the contender or the group of that name
  --write      put the result into docs/performance.md
  --help       print this

  npm run bench -- ids
  npm run bench -- persistence --rounds 3 --only sqlite`

/** A command line that cannot be followed. */
class UsageError extends Error {}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\nSee npm run bench -- --help.`)
  process.exitCode = 2
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parsed(args)
  if (values.help) return console.log(usage)
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw new UsageError(`Name one suite: ${names.join(', ')}.`)
  if (!Object.hasOwn(suites, name))
    throw new UsageError(`There is no suite '${name}', but: ${names.join(', ')}.`)
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError('--rounds takes a whole number from 1.')
  const { suite } = await suites[name]!.load()
  const { only } = values
  if (only !== undefined && !namesIn(suite).includes(only)) {
    throw new UsageError(`The suite ${name} has no '${only}', but: ${namesIn(suite).join(', ')}.`)
  }
  if (values.write && only !== undefined) throw new UsageError('--write takes a whole suite, without --only.')
  // Progress goes to stderr: stdout is the result, also in a pipe.
  const progress = process.stderr.isTTY
    ? (line: string) => process.stderr.write(`\r\u001b[K${line}`)
    : undefined
  const report = await measure(suite, { rounds, only, ...(progress && { progress }) })
  if (progress) process.stderr.write('\r\u001b[K')
  if (values.write) writePage(report)
  console.log(values.json ? JSON.stringify(report, null, 2) : table(report))
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '5' },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
