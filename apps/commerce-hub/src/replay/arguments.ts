import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface ReplayArguments {
  readonly input: string
  /** Where the shop keeps its data; a folder of this replay's own when it is not given. */
  readonly database: string | undefined
  /** What carries the messages; the database itself when it is not given. */
  readonly broker: string | undefined
  /** Where the shop caches its catalogue; in memory when it is not given, told of through the database where it is several processes. */
  readonly cache: string | undefined
  /** That the shop runs in. */
  readonly processes: number
  /** Invoices in hand at the same time. */
  readonly concurrency: number
  readonly json: boolean
  readonly fresh: boolean
}

/** Enough that the shop always has something to do; more only makes customers wait longer. */
export const defaultConcurrency = 96

export const help = `Plays real invoices through the shop, and counts afterwards.

  npm run replay -- [--input FILE] [--concurrency N] [--database URL] [--broker URL]
                     [--cache URL] [--processes N] [--fresh] [--json]

  --input FILE       a sales file in the format of "Online Retail", plain or gzip;
                     default: the bundled sample of two days
  --concurrency N    invoices in hand at the same time, 1 to 1000; default 96
  --database URL     where the shop keeps its data: sqlite:, postgres:// or mysql://;
                     default: DATABASE_URL, or else a folder of this replay's own below
                     .data/replay
  --broker URL       what carries the messages: amqp://, kafka://, mqtt://, nats:// or
                     redis://; default: BROKER_URL, or else the database itself
  --cache URL        where the shop caches its catalogue: memory:, database: or redis://;
                     default: CACHE_URL, or else memory: for one process and database:
                     for several
  --processes N      that the shop runs in, 1 to 16; default 1
  --fresh            begin anew; otherwise a replay that was interrupted goes on
  --json             print the result alone, as JSON, on stdout
  --help             print this

Ends with a reconciliation of what the shop, the gateway and the inbox have against the
file. Exit code 0 when everything agrees, 1 when it does not, 2 for a wrong call.

  npm run replay
  npm run replay -- --input online-retail-2010-12.csv.gz --json
  npm run replay -- --database postgres://postgres@127.0.0.1/replay --processes 2
`

/** A wrong call. The message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError; `'help'` when help was asked for. */
export function replayArguments(
  args: readonly string[],
  sample: string,
  env: NodeJS.ProcessEnv = {},
): ReplayArguments | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  const database = values.database ?? env.DATABASE_URL
  if (values.fresh && database !== undefined) {
    throw new UsageError(
      '--fresh and --database (or DATABASE_URL) exclude each other: empty the database yourself.',
    )
  }
  return {
    input: values.input ?? sample,
    database: database && located(database),
    broker: values.broker ?? env.BROKER_URL,
    cache: values.cache ?? env.CACHE_URL,
    processes: count('processes', values.processes, 1, 16),
    concurrency: count('concurrency', values.concurrency, defaultConcurrency, 1000),
    json: values.json ?? false,
    fresh: values.fresh ?? false,
  }
}

function count(name: string, given: string | undefined, otherwise: number, most: number): number {
  const value = Number(given ?? otherwise)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new UsageError(`--${name} ${given}: give a whole number from 1 to ${most}.`)
}

/** The shop runs in a folder of its own, where a relative path would mean another file. */
function located(database: string): string {
  const [, path, query = ''] = /^sqlite:(?!\/|:memory:)([^?]+)(\?.*)?$/.exec(database) ?? []
  return path === undefined ? database : `sqlite:${resolve(path)}${query}`
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        input: { type: 'string' },
        database: { type: 'string' },
        broker: { type: 'string' },
        cache: { type: 'string' },
        processes: { type: 'string' },
        concurrency: { type: 'string' },
        json: { type: 'boolean' },
        fresh: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}. See npm run replay -- --help.`)
  }
}
