import { parseArgs } from 'node:util'
import type { BulkOptions, LetterFilter, MessageLetter } from '../../messaging/letters.ts'
import type { MessagingOperator } from '../../messaging/operator.ts'
import { systemClock } from '../../runtime/clock.ts'
import { actionNamed, limitOf } from '../action.ts'
import { ago } from '../ages.ts'
import { type Command, exitCode, type Terminal, UsageError } from '../command.ts'
import { durationOf } from '../durations.ts'
import { withMessaging } from '../messaging/session.ts'
import { brief, printable, printableRow } from '../printable.ts'
import { progressBar } from '../progress-bar.ts'
import { table } from '../table.ts'

interface Call {
  readonly ids: readonly string[]
  readonly filter: LetterFilter
  readonly all: boolean
  readonly limit: number
  readonly terminal: Terminal
}

interface Result {
  readonly text: string
  readonly data: object
}

type Action = (operator: MessagingOperator, call: Call) => Promise<Result>

const actions: Readonly<Record<string, Action>> = {
  async list(operator, { filter, limit }) {
    const letters = await operator.letters({ ...filter, limit })
    return { text: letters.length === 0 ? 'There are none.\n' : listed(letters), data: { letters } }
  },
  async show(operator, { ids }) {
    if (ids.length !== 1)
      throw new UsageError("'portolan dead-letters show' takes one ID, as 'list' shows them.")
    const letter = await operator.letter(ids[0]!)
    return { text: shown(letter), data: { letter } }
  },
  async replay(operator, call) {
    const replayed = await some(call, 'replay', {
      ids: ids => operator.replay(ids),
      all: (filter, options) => operator.replayAll(filter, options),
    })
    return { text: `${replayed} on their way again.\n`, data: { replayed } }
  },
  async discard(operator, call) {
    const discarded = await some(call, 'discard', {
      ids: ids => operator.discard(ids),
      all: (filter, options) => operator.discardAll(filter, options),
    })
    return { text: `${discarded} deleted.\n`, data: { discarded } }
  },
}

/** `portolan dead-letters`: messages that were given up, from the command line. */
export const deadLetters: Command = {
  summary: 'lists, shows, replays and discards messages that were given up',
  help: `portolan dead-letters list              the newest first
portolan dead-letters show ID           one with its data, the stack of its last error, and every attempt and death before
portolan dead-letters replay ID …       sends them to their group again, with fresh attempts; they keep their history
portolan dead-letters discard ID …      deletes them for good

Options:
  --database URL     sqlite:./shop.db, postgres://…, mysql://…; default: DATABASE_URL
  --type NAME        those of one message type
  --group NAME       those of one group; 'outbox' for those that the broker refused
  --older-than TIME  those that died longer ago: 30m, 12h, 7d
  --newer-than TIME  those that died since
  --all              replay, discard: all of them, or all that the options above name, instead of IDs; in batches, so that a stop
                     in between leaves the rest
  --limit N          list: how many; default 100
  --json             one JSON object on stdout

Examples:
  portolan dead-letters list --group billing
  portolan dead-letters show 0197c1f2-6f4e-7cc1-a0b5-2f1c36f1a1b2
  portolan dead-letters replay --all --type shop.order.placed --newer-than 2h
  portolan dead-letters discard 0197c1f2-6f4e-7cc1-a0b5-2f1c36f1a1b2

Exit codes: 0 fine, 1 a problem, 2 wrong usage.
`,
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        database: { type: 'string' },
        type: { type: 'string' },
        group: { type: 'string' },
        'older-than': { type: 'string' },
        'newer-than': { type: 'string' },
        all: { type: 'boolean', default: false },
        limit: { type: 'string', default: '100' },
        json: { type: 'boolean', default: false },
      },
    })
    const [name = '', ...ids] = positionals
    const action = actionNamed(actions, name)
    const limit = limitOf(values.limit)
    const now = systemClock.now()
    const before = (time: string | undefined, option: string) =>
      time === undefined ? undefined : new Date(now - durationOf(time, option))
    const filter = {
      ...{ type: values.type, consumer: values.group },
      diedBefore: before(values['older-than'], '--older-than'),
      diedAfter: before(values['newer-than'], '--newer-than'),
    }
    const call = { ids, filter, all: values.all, limit, terminal }
    const { text, data } = await withMessaging(values.database, terminal, operator => action(operator, call))
    terminal.out(values.json ? `${JSON.stringify({ ok: true, ...data }, null, 2)}\n` : text)
    return exitCode.ok
  },
}

async function some(
  { ids, filter, all, terminal }: Call,
  name: string,
  work: {
    ids(ids: readonly string[]): Promise<number>
    all(filter: LetterFilter, options: BulkOptions): Promise<number>
  },
): Promise<number> {
  const filtered = Object.values(filter).some(value => value !== undefined)
  if (ids.length > 0 && (all || filtered))
    throw new UsageError('Give IDs, or --all with --type, --group and times; not both.')
  if (ids.length === 0 && !all)
    throw new UsageError(`Which? Give the IDs that 'list' shows, or 'portolan dead-letters ${name} --all'.`)
  if (!all) return work.ids(ids)
  using bar = progressBar(terminal)
  return await work.all(filter, { onProgress: bar?.tell })
}

function listed(letters: readonly MessageLetter[]): string {
  const now = systemClock.now()
  return table([
    ['ID', 'DIED', 'GROUP', 'TYPE', 'ATTEMPTS', 'REASON'],
    ...letters.map(({ id, diedAt, consumer, type, attempts, reason }) =>
      printableRow([id, ago(diedAt, now), consumer, type, String(attempts), brief(reason)]),
    ),
  ])
}

function shown({
  id,
  type,
  consumer,
  attempts,
  createdAt,
  diedAt,
  reason,
  stack,
  payload,
  history,
}: MessageLetter): string {
  const facts = table([
    ['id', id],
    ['type', type],
    ['group', consumer],
    ['published', createdAt.toISOString()],
    ['died', `${diedAt.toISOString()}, after ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}`],
    ['reason', reason],
  ])
  const past = table([
    ['AT', 'ATTEMPT', '', 'REASON'],
    ...history.map(({ at, attempt, died, reason: then }) => [
      ...[at.toISOString(), String(attempt), died ? 'died' : '', then],
    ]),
  ])
  const data = JSON.stringify(payload, null, 2)
  return printable(`${facts}\n${past}\n${data}\n${stack === '' ? '' : `\n${stack}\n`}`)
}
