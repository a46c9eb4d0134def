/** `npm run engines`: the real engines on this machine. */
import { parseArgs } from 'node:util'
import { down } from './commands/down.ts'
import { fetch } from './commands/fetch.ts'
import { jsonOutput, type Output, textOutput } from './commands/output.ts'
import { status } from './commands/status.ts'
import { up } from './commands/up.ts'
import { type EngineName, engineNames, isServer } from './find.ts'

interface Command {
  run(names: readonly EngineName[], output: Output): Promise<number>
  /** What it is about when no engine is named. */
  readonly all: readonly EngineName[]
}

const startable = engineNames.filter(isServer)
const commands: Readonly<Record<string, Command>> = {
  status: { run: status, all: engineNames },
  up: { run: up, all: startable },
  down: { run: down, all: startable },
  fetch: { run: fetch, all: startable },
}

const usage = `Finds the real engines that the tests run against, starts and stops them.

  npm run engines -- status|up|down|fetch [NAME …] [--json]

  status   where each engine is: named by the environment, started by up, on its standard port, or installed only
  up       start the servers that are installed and do not run, in the background (data and log in .data/engines)
  down     stop the servers that up started, and no others; their data stay
  fetch    download what no package of the system has (kafka), into the user's cache; up does so too

  NAME     ${engineNames.join(', ')};
           default: all of them (chromium is looked for only: it has nothing to start)
  --json   print one JSON object and nothing else
  --help   print this

Exit code: 0, 1 when an engine is missing or does not start or stop, 2 when the command line cannot be followed.

Environment: PORTOLAN_TEST_POSTGRES_URL and the like, and PORTOLAN_TEST_CHROMIUM, name an engine elsewhere.

Examples:
  npm run engines -- status
  npm run engines -- up postgres
  npm run engines -- down
  PORTOLAN_TEST_MYSQL_URL=mysql://root:secret@db.example:3306 npm run engines -- status mysql --json`

/** A command line that cannot be followed. */
class UsageError extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\nSee npm run engines -- --help.`)
  process.exitCode = 2
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parsed(args)
  if (values.help) {
    console.log(usage)
    return 0
  }
  const [name, ...names] = positionals
  if (name === undefined) throw new UsageError('Say what to do: status, up, down or fetch.')
  if (!Object.hasOwn(commands, name)) throw new UsageError(`There is no command '${name}'.`)
  const unknown = names.find(name => !engineNames.includes(name as EngineName))
  if (unknown !== undefined)
    throw new UsageError(`There is no engine '${unknown}', but: ${engineNames.join(', ')}.`)
  const { run, all } = commands[name]!
  const chosen = names.length === 0 ? all : engineNames.filter(engine => names.includes(engine))
  return run(chosen, values.json ? jsonOutput : textOutput)
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
