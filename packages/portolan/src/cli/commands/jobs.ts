import { parseArgs } from 'node:util'
import { actionNamed, limitOf } from '../action.ts'
import { type Command, exitCode } from '../command.ts'
import { actions } from '../jobs/actions.ts'
import { withJobs } from '../jobs/session.ts'

/** `portolan jobs`: background jobs, from the command line. */
export const jobs: Command = {
  summary: 'shows, retries, cancels, pauses and resumes background jobs',
  help: `portolan jobs status              how many there are, by type
portolan jobs list                those that have not ended, the oldest first
portolan jobs show ID             one with its payload; for a dead one, the stack of its last error
portolan jobs retry ID …          dead ones come back with fresh attempts; those that wait for their time are due now
portolan jobs discard ID …        deletes dead ones for good
portolan jobs cancel ID …         deletes those that wait, and stops those that run, in whichever process
portolan jobs pause TYPE …        nothing of these types is begun, by any process, until they are resumed
portolan jobs resume TYPE …       and on it goes
portolan jobs schedules           their expressions, last and next runs
portolan jobs unschedule NAME …   forgets schedules that the application declares no longer

Options:
  --database URL     sqlite:./shop.db, postgres://…, mysql://…, or redis://… for those in BullMQ; default: DATABASE_URL
  --type NAME        list, retry --all: those of one type
  --state STATE      list: waiting, scheduled, retrying, running, parked, dead
  --limit N          list: how many; default 100
  --all              retry: all that are dead
  --json             one JSON object on stdout

Examples:
  portolan jobs list --type send-receipt --state retrying
  portolan jobs retry 4711
  portolan jobs retry --all --type send-receipt
  portolan jobs pause send-receipt --database postgres://shop@db/shop
  portolan jobs status --database 'redis://localhost:6379?prefix=shop'

Exit codes: 0 fine, 1 a problem, 2 wrong usage.
`,
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        database: { type: 'string' },
        type: { type: 'string' },
        state: { type: 'string' },
        all: { type: 'boolean', default: false },
        limit: { type: 'string', default: '100' },
        json: { type: 'boolean', default: false },
      },
    })
    const [name = '', ...names] = positionals
    const action = actionNamed(actions, name)
    const limit = limitOf(values.limit)
    const { database, type, state, all } = values
    const call = { names, type, state, all, limit }
    const { text, data } = await withJobs(database, terminal, jobs => action(jobs, call))
    terminal.out(values.json ? `${JSON.stringify({ ok: true, ...data }, null, 2)}\n` : text)
    return exitCode.ok
  },
}
