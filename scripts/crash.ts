/**
 * `npm run crash -- SUITE`: kills real processes again and again, and counts afterwards what became of their work.
 */
import { parseArgs } from 'node:util'
import { crashOutbox } from './crash/outbox.ts'
import { paint } from './lib/terminal.ts'

const help = `npm run crash -- outbox [--database WHERE] [--broker WHERE] [--kills N] [--naive] [--seed N] [--json]

Processes of a shop publish, relay and handle messages. They are killed (SIGKILL), and held up for longer than their
leases (SIGSTOP, SIGCONT), at random moments; servers of this run's own are killed and restarted, and their connections cut,
also at a COMMIT. Then the last of them finish, and every order that was committed must have had its effect once, in order.

  --database WHERE   a URL, or postgres or mysql for a server of this run's own, which is restarted too;
                     default: a SQLite file
  --broker WHERE     a URL, or rabbitmq, nats, redis, kafka or mqtt for a server of this run's own; default: the
                     database
  --kills N          how many processes to kill; default 20
  --naive            without outbox and inbox: this must fail
  --seed N           of the random moments; printed by every run
  --json             one JSON object on stdout
  --help             print this

  npm run crash -- outbox --kills 100
  npm run crash -- outbox --database postgres --broker rabbitmq --kills 50 --json

Exit code 0 when nothing was lost, doubled or out of order, 1 when something was, 2 for a wrong call.
`

const { values } = called()
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)
const say = (text: string) => {
  if (!values.json) console.error(text)
}
say(`seed ${seed}`)
const counts = await crashOutbox({
  ...{
    database: values.database,
    broker: values.broker,
    naive: values.naive,
    seed,
    kills: Number(values.kills),
  },
  say,
})
if (values.json) console.log(JSON.stringify(counts, null, 2))
else for (const [name, value] of Object.entries(counts)) console.log(`${name.padEnd(20)} ${value}`)
const broken = counts.lost + counts.duplicated_effects + counts.out_of_order > 0
if (!values.json)
  console.log(
    broken
      ? paint('red', 'An invariant broke.')
      : paint('green', 'Nothing lost, nothing twice, all in order.'),
  )
process.exit(broken ? 1 : 0)

function called() {
  try {
    const call = parseArgs({
      allowPositionals: true,
      options: {
        database: { type: 'string' },
        broker: { type: 'string' },
        kills: { type: 'string', default: '20' },
        naive: { type: 'boolean', default: false },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (call.values.help) {
      console.log(help)
      process.exit(0)
    }
    const [suite, extra] = call.positionals
    if (suite !== 'outbox' || extra !== undefined)
      throw new Error(`There is no suite '${suite ?? ''}'. There is: outbox.`)
    for (const name of ['kills', 'seed'] as const) {
      const given = call.values[name]
      if (given !== undefined && !/^\d{1,6}$/.test(given))
        throw new Error(`--${name} ${given}: give a whole number.`)
    }
    if (call.values.naive && call.values.broker !== undefined)
      throw new Error('--naive and --broker exclude each other: the control has a queue of its own.')
    return call
  } catch (error) {
    console.error(`${(error as Error).message}\nSee npm run crash -- --help.`)
    process.exit(2)
  }
}
