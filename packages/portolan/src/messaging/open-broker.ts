import type { Database } from '../persistence/database.ts'
import { InfrastructureError } from '../ports/errors.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import type { BrokerDriver } from './driver.ts'
import { databaseBroker } from './drivers/database/index.ts'

/** What brokers are told besides their URL. */
export interface BrokerOptions extends Partial<Surroundings> {
  /** The application's own, for `database:`. */
  readonly database?: Database
}

type Open = (url: string, surroundings: Surroundings, options: BrokerOptions) => Promise<BrokerDriver>

/** Each loads its driver when it is asked for, and the driver its client library. */
const drivers: Readonly<Record<string, Open>> = {
  async amqp(url, around) {
    const { openRabbitmq } = await import('./drivers/rabbitmq/index.ts')
    return openRabbitmq(url, around)
  },
  async database(url, around, { database }) {
    if (database && /^database:$/i.test(url)) return databaseBroker({ database, ...around })
    throw new InfrastructureError(
      'invalid_argument',
      "The broker URL is wrong. 'database:' stands alone, and needs the option `database`: the application's own.",
    )
  },
  async kafka(url, around) {
    const { openKafka } = await import('./drivers/kafka/index.ts')
    return openKafka(url, around)
  },
  async mqtt(url, around) {
    const { openMqtt } = await import('./drivers/mqtt/index.ts')
    return openMqtt(url, around)
  },
  async nats(url, around) {
    const { openNats } = await import('./drivers/nats/index.ts')
    return openNats(url, around)
  },
  async redis(url, around) {
    const { openRedis } = await import('./drivers/redis/index.ts')
    return openRedis(url, around)
  },
}

const aliases: Readonly<Record<string, string>> = {
  amqps: 'amqp',
  'kafka+ssl': 'kafka',
  mqtts: 'mqtt',
  rediss: 'redis',
  'nats+tls': 'nats',
}

/**
 * Makes the driver of the broker that `url` names; it connects when messaging starts.
 *
 * - `database:` is the application's own database, the default of `createMessaging`.
 * - `amqp://user:password@host:5672/vhost`, also `amqps://`: RabbitMQ, needs the package `amqplib`. Parameter `heartbeat` (seconds;
 *   default 5: after two of them, a process that does not answer gives back what it has in hand).
 * - `nats://user:password@host:4222`, also `nats+tls://`: NATS with JetStream, needs `@nats-io/transport-node` and
 *   `@nats-io/jetstream`.
 * - `kafka://user:password@host:9092,host2:9092`, also `kafka+ssl://`: Kafka, needs `@platformatic/kafka`. Parameter `sasl`: `plain`
 *   (default), `scram-sha-256` or `scram-sha-512`, by which the user logs in.
 * - `mqtt://user:password@host:1883`, also `mqtts://`: Mosquitto or another broker of MQTT 5, needs `mqtt`. Parameter `checkpoint`
 *   (default `false`; `true` waits for Mosquitto to write its file, where its `autosave_on_changes` is set with an interval of 1).
 * - `redis://user:password@host:6379/0`, also `rediss://`: Redis 7 or later, needs `ioredis`.
 *
 * Each takes `prefix` (begins every name that is made in the broker; default `portolan`) and `partitions` (into how many parts the
 * messages of a group are divided: the most processes that can share them; default 8, and not to be changed while messages wait).
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that is unknown, `unavailable` with what to install when
 * the client library is missing. The URL is in none of them: it may hold a password.
 * @example
 * const messaging = createMessaging({ database, source: 'shop', messages, broker: await openBroker('amqp://localhost') })
 */
export async function openBroker(url: string, options: BrokerOptions = {}): Promise<BrokerDriver> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  const open = scheme === undefined ? undefined : drivers[aliases[scheme] ?? scheme]
  if (open) return open(url, surroundings(options), options)
  throw new InfrastructureError(
    'invalid_argument',
    `${scheme ? `There is no broker driver for '${scheme}:'` : 'The broker URL has no scheme'}. Use amqp://, kafka://, mqtt://, nats:// or ` +
      "redis://, or database: for the application's own database.",
  )
}
