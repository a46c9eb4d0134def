import { parseArgs } from 'node:util'
import { systemClock } from '../../runtime/clock.ts'
import { actionNamed } from '../action.ts'
import { type Command, UsageError } from '../command.ts'
import type { Action } from '../migrate/action.ts'
import { down } from '../migrate/down.ts'
import { dryRun } from '../migrate/dry-run.ts'
import { Progress } from '../migrate/progress.ts'
import { resolve } from '../migrate/resolve.ts'
import { openSession } from '../migrate/session.ts'
import { status } from '../migrate/status.ts'
import { up } from '../migrate/up.ts'

const actions: Readonly<Record<string, Action>> = { status, up, down, 'dry-run': dryRun, resolve }

/** `portolan migrate`: the migrations of an application and of the library, from the command line. */
export const migrate: Command = {
  summary: 'applies, undoes and shows the migrations of a database',
  help: `portolan migrate status             every migration: applied, pending, edited, missing, out of order, failed
portolan migrate up                 applies what is pending
portolan migrate down               undoes the latest one
portolan migrate dry-run            the statements that 'up' would run (with --down: that 'down' would); runs nothing
portolan migrate resolve NAME       notes that a migration is applied or not, and runs nothing: after a repair by hand

Options:
  --database URL     sqlite:./shop.db, postgres://…; default: DATABASE_URL
  --folder DIR       a folder of .sql and .ts files; needs --namespace
  --module PATH      a module that exports { namespace, migrations }, or a list of migrations (needs --namespace);
                     default: "portolan": { "migrations": PATH } in package.json
  --namespace NAME   the application's, or one of the library: portolan_messaging, portolan-jobs. May be repeated.
                     Default: all of the application, and those of the library that the database has
  --to NAME          up: the last one to apply; down: the one that is the latest afterwards
  --steps N, --all   down: how many to undo; default 1
  --check            status: exit code 1 also when something is pending
  --applied, --not-applied   resolve: how the migration stands
  --json             one JSON object on stdout

Examples:
  portolan migrate status
  portolan migrate up --database postgres://shop@db/shop --folder ./migrations --namespace shop
  portolan migrate dry-run --to 0007-refunds
  portolan migrate down --to 0005-orders
  portolan migrate up --namespace portolan_messaging
  portolan migrate resolve 0006-search --not-applied

Exit codes: 0 fine, 1 a problem, 2 wrong usage.
`,
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        database: { type: 'string' },
        folder: { type: 'string' },
        module: { type: 'string' },
        namespace: { type: 'string', multiple: true, default: [] },
        to: { type: 'string' },
        steps: { type: 'string' },
        all: { type: 'boolean', default: false },
        down: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        applied: { type: 'boolean', default: false },
        'not-applied': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    const [name = '', ...names] = positionals
    const action = actionNamed(actions, name)
    const { database, folder, module, namespace: namespaces, json, ...special } = values
    const foreign = Object.entries(special).find(
      ([option, value]) => value !== undefined && value !== false && !action.options.includes(option),
    )
    if (foreign) throw new UsageError(`'portolan migrate ${name}' has no option --${foreign[0]}.`)
    if (names.length > 0 && action !== resolve)
      throw new UsageError(`'portolan migrate ${name}' takes no '${names[0]}'.`)

    using progress = new Progress(terminal, systemClock, json)
    const { absent } = action
    await using session = await openSession({ database, absent, folder, module, namespaces }, terminal, {
      onProgress: step => progress.tell(step),
    })
    const { text, data, code } = await action.run(session, {
      ...special,
      names,
      notApplied: special['not-applied'],
      colours: terminal.colours,
    })
    terminal.out(json ? `${JSON.stringify(data, null, 2)}\n` : text)
    return code
  },
}
