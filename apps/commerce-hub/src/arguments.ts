import { parseArgs } from 'node:util'
import { InfrastructureError } from 'portolan'

export const help = `Opens the shop, and the emulators that it talks to.

  npm start -- [--database URL] [--broker URL] [--cache URL]

  --database URL   where the shop keeps its data: sqlite:, postgres:// or mysql://;
                   default: DATABASE_URL, or else a file below .data
  --broker URL     what carries the messages: amqp://, kafka://, mqtt://,
                   nats:// or redis://; default: BROKER_URL, or else the database itself
  --cache URL      where the shop caches its catalogue: memory:, database: or redis://;
                   default: CACHE_URL, or else memory:
  --help           print this

Everything else is told by environment variables or a file .env; see
docs/commerce-hub.md.

  npm start
  npm start -- --database postgres://postgres@127.0.0.1/shop
  npm start -- --database mysql://root@127.0.0.1/shop
  npm start -- --broker amqp://127.0.0.1
`

/** The flags of the configuration; `'help'` when help was asked for. @throws InfrastructureError `invalid_argument` */
export function hubArguments(args: readonly string[]): Readonly<Record<string, unknown>> | 'help' {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        database: { type: 'string' },
        broker: { type: 'string' },
        cache: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const { help, ...flags } = values
    return help ? 'help' : flags
  } catch (error) {
    throw new InfrastructureError(
      'invalid_argument',
      `${error instanceof Error ? error.message : String(error)}. See npm start -- --help.`,
    )
  }
}
