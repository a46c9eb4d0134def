/**
 * `npm run crash -- SUITE`: kills real processes again and again, and counts afterwards what became of their work.
 */
import { parseArgs } from 'node:util'
import { InfrastructureError } from 'portolan'
import { crashJobs } from './crash/jobs.ts'
import { crashOutbox } from './crash/outbox.ts'
import type { Suite } from './crash/suite.ts'
import { paint } from './lib/terminal.ts'

const help = `Kills real processes again and again, and counts afterwards what became of their work.

  npm run crash -- SUITE [--database WHERE] [--broker WHERE] [--kills N] [--naive] [--seed N] [--json]

Processes of a shop work while they are killed (SIGKILL), and held up for longer than their leases (SIGSTOP, SIGCONT), at
random moments; servers of this run's own are killed and restarted, and their connections cut, also at a COMMIT. Then the last
of them finish, and what became of the work is counted.

  outbox  they publish, relay and handle messages: every order that was committed must have had its effect once, in order
  jobs    they enqueue jobs in the transactions of orders, and do them: each must have had its effect, once where it is
          completed with it, and none for an order that was rolled back; a schedule must have run each second, once

  --database WHERE   a URL, or postgres or mysql for a server of this run's own, which is restarted too;
                     default: a SQLite file
  --broker WHERE     outbox: a URL, or rabbitmq, nats, redis, kafka or mqtt for a server of this run's own; default: the
                     database
  --kills N          how many processes to kill; default 20
  --naive            what is often written by hand instead: this must fail
  --seed N           of the random moments; printed by every run
  --json             one JSON object on stdout
  --help             print this

  npm run crash -- outbox --kills 100
  npm run crash -- outbox --database postgres --broker rabbitmq --kills 50 --json
  npm run crash -- jobs --database mysql --kills 100

Exit code 0 when every invariant held, 1 when one broke, 2 for a wrong call.
`

const suites: Readonly<Record<string, Suite>> = {
  outbox: {
    run: async crash => ({ ...(await crashOutbox(crash)) }),
    broken: ['lost', 'unsettled', 'duplicated_effects', 'out_of_order'],
    whole: 'Nothing lost, nothing twice, all in order.',
  },
  jobs: {
    run: async crash => ({ ...(await crashJobs(crash)) }),
    broken: ['lost', 'duplicated_effects', 'fence_violations', 'phantom_effects'],
    whole: 'Nothing lost, nothing twice, nothing that was not asked for.',
  },
}

const { suite, values } = called()
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)
const say = (text: string) => {
  if (!values.json) console.error(text)
}
say(`seed ${seed}`)
const counts = await suite
  .run({
    ...{ database: values.database, broker: values.broker, naive: values.naive },
    ...{ seed, kills: Number(values.kills), say },
  })
  .catch(refused)
if (values.json) console.log(JSON.stringify({ ...counts, seed }, null, 2))
else for (const [name, value] of Object.entries(counts)) console.log(`${name.padEnd(20)} ${value}`)
const broken = suite.broken.filter(name => counts[name]! > 0)
if (!values.json)
  console.log(
    broken.length > 0
      ? paint('red', `An invariant broke: ${broken.join(', ')}.`)
      : paint('green', suite.whole),
  )
process.exit(broken.length > 0 ? 1 : 0)

/** What a person can mend is told in its own words; anything else is a bug and shows where. */
function refused(error: unknown): never {
  if (!InfrastructureError.is(error)) throw error
  console.error(error.message)
  process.exit(2)
}

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
    const known = Object.keys(suites).join(', ')
    const [name, ...more] = call.positionals
    if (name === undefined || more.length > 0) throw new Error(`Name one suite: ${known}.`)
    if (!Object.hasOwn(suites, name)) throw new Error(`There is no suite '${name}', but: ${known}.`)
    for (const name of ['kills', 'seed'] as const) {
      const given = call.values[name]
      if (given !== undefined && !/^\d{1,6}$/.test(given))
        throw new Error(`--${name} ${given}: give a whole number.`)
    }
    if (call.values.broker !== undefined && name !== 'outbox')
      throw new Error(`--broker: the suite ${name} has none.`)
    if (call.values.naive && call.values.broker !== undefined)
      throw new Error('--naive and --broker exclude each other: the control has a queue of its own.')
    return { suite: suites[name]!, values: call.values }
  } catch (error) {
    console.error(`${(error as Error).message}\nSee npm run crash -- --help.`)
    process.exit(2)
  }
}
