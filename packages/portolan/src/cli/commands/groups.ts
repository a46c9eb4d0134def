import { parseArgs } from 'node:util'
import type { GroupStatus, MessagingOperator } from '../../messaging/operator.ts'
import { systemClock } from '../../runtime/clock.ts'
import { actionNamed } from '../action.ts'
import { ago } from '../ages.ts'
import { type Command, exitCode, UsageError } from '../command.ts'
import { withMessaging } from '../messaging/session.ts'
import { table } from '../table.ts'

interface Result {
  readonly text: string
  readonly data: object
}

type Action = (operator: MessagingOperator, names: readonly string[]) => Promise<Result>

const actions: Readonly<Record<string, Action>> = {
  async list(operator, names) {
    if (names.length > 0) throw new UsageError(`'portolan groups list' takes no '${names[0]}'.`)
    const groups = await operator.groups()
    return { text: groups.length === 0 ? 'There are none.\n' : listed(groups), data: { groups } }
  },
  async pause(operator, names) {
    await operator.pause(some(names, 'pause'))
    return { text: `Paused: ${names.join(', ')}.\n`, data: { paused: names } }
  },
  async resume(operator, names) {
    await operator.resume(some(names, 'resume'))
    return { text: `Resumed: ${names.join(', ')}.\n`, data: { resumed: names } }
  },
}

/** `portolan groups`: who handles messages, and who shall not for a while, from the command line. */
export const groups: Command = {
  summary: 'lists, pauses and resumes the groups that handle messages',
  help: `portolan groups list            each with its state, and what waits for it in this database
portolan groups pause NAME …    lets them take nothing more: in all processes, within about a second, until they are resumed.
                                Handlers in progress end; messages wait, over any broker
portolan groups resume NAME …   lets them go on where they stopped, in order

Options:
  --database URL     sqlite:./shop.db, postgres://…, mysql://…: the application's own; default: DATABASE_URL
  --json             one JSON object on stdout

Examples:
  portolan groups list
  portolan groups pause billing
  portolan groups resume billing --database postgres://shop@db/shop --json

Exit codes: 0 fine, 1 a problem, 2 wrong usage.
`,
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { database: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    const [name = '', ...names] = positionals
    const action = actionNamed(actions, name)
    const { text, data } = await withMessaging(values.database, terminal, operator => action(operator, names))
    terminal.out(values.json ? `${JSON.stringify({ ok: true, ...data }, null, 2)}\n` : text)
    return exitCode.ok
  },
}

function some(names: readonly string[], action: string): readonly string[] {
  if (names.length === 0)
    throw new UsageError(`Which? Give the names that 'list' shows: 'portolan groups ${action} billing'.`)
  return names
}

function listed(all: readonly GroupStatus[]): string {
  const now = systemClock.now()
  return table([
    ['GROUP', 'STATE', 'WAITING', 'OLDEST', 'TYPES'],
    ...all.map(({ group, pausedSince, waiting, oldest, types }) => [
      ...[group, pausedSince ? `paused ${ago(pausedSince, now)}` : 'active', String(waiting)],
      ...[oldest ? ago(oldest, now) : '', types.join(' ')],
    ]),
  ])
}
