import { parseArgs } from 'node:util'
import type { OutboxStatus } from '../../messaging/operator.ts'
import { systemClock } from '../../runtime/clock.ts'
import { ago } from '../ages.ts'
import { red } from '../colour.ts'
import { type Command, exitCode, UsageError } from '../command.ts'
import { durationOf } from '../durations.ts'
import { withMessaging } from '../messaging/session.ts'
import { table } from '../table.ts'
import { unknownText } from '../unknown.ts'

/** `portolan outbox`: what waits for a broker, from the command line. */
export const outbox: Command = {
  summary: 'shows what waits in the outbox, and for each group',
  help: `portolan outbox status    messages that no broker has confirmed yet, delayed ones, what waits for each group in this
                          database, dead letters, and the processes that move the outbox

Options:
  --database URL     sqlite:./shop.db, postgres://…, mysql://…; default: DATABASE_URL
  --max-age TIME     exit code 1 when the oldest waiting message is older: 30s, 5m, 1h
  --json             one JSON object on stdout

Examples:
  portolan outbox status
  portolan outbox status --database postgres://shop@db/shop --max-age 1m --json

Exit codes: 0 fine, 1 a problem, 2 wrong usage.
`,
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        database: { type: 'string' },
        'max-age': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const [action = '', extra] = positionals
    if (action !== 'status')
      throw new UsageError(
        action === '' ? 'Which action? There is: status.' : unknownText('action', action, ['status']),
      )
    if (extra !== undefined) throw new UsageError(`'portolan outbox status' takes no '${extra}'.`)
    const limitMs = values['max-age'] === undefined ? Infinity : durationOf(values['max-age'], '--max-age')
    const status = await withMessaging(values.database, terminal, operator => operator.status())
    const now = systemClock.now()
    const oldest = oldestOf(status)
    const late = oldest !== undefined && now - oldest.getTime() > limitMs
    if (values.json) terminal.out(`${JSON.stringify({ ok: !late, ...status }, null, 2)}\n`)
    else terminal.out(text(status, late ? oldest : undefined, now, terminal.colours))
    return late ? exitCode.problem : exitCode.ok
  },
}

function oldestOf({ oldest, groups }: OutboxStatus): Date | undefined {
  const moments = [oldest, ...groups.map(group => group.oldest)].filter(moment => moment !== undefined)
  return moments.length === 0 ? undefined : new Date(Math.min(...moments.map(Number)))
}

function text(status: OutboxStatus, late: Date | undefined, now: number, colours: boolean): string {
  const { waiting, oldest, delayed, groups, paused, dead, relays } = status
  const since = (moment: Date | undefined) => (moment ? `oldest ${ago(moment, now)}` : '')
  const rows = [
    ['outbox', String(waiting), since(oldest)],
    ['delayed', String(delayed), ''],
    ...groups.map(group => [`group ${group.group}`, String(group.waiting), since(group.oldest)]),
    ...paused.map(({ group, since }) => ['paused', group, `${ago(since, now)}, see 'portolan groups'`]),
    ['dead letters', String(dead), dead > 0 ? "see 'portolan dead-letters list'" : ''],
    ...relays.map(({ member, shards }) => ['relay', member, `${shards} shards`]),
  ]
  const verdict = late ? `${red(`The oldest was published ${ago(late, now)}.`, colours)}\n` : ''
  return `${table(rows)}${verdict}`
}
