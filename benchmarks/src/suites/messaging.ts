import { endToEndTrials, latencyTrials } from '../messaging/end-to-end/trials.ts'
import { publishingTrials } from '../messaging/publishing/trials.ts'
import { relayTrials } from '../messaging/relay/trials.ts'
import { wireTrials } from '../messaging/wire/trials.ts'
import { mysqlEngine } from '../persistence/grounds/mysql.ts'
import { postgres } from '../persistence/grounds/postgres.ts'
import type { Suite } from '../suite.ts'

/** From a transaction to a handler: the relay, the brokers, all of it together, and how long one message takes. */
export const suite: Suite = {
  name: 'messaging',
  packages: [
    'amqplib',
    '@nats-io/jetstream',
    'ioredis',
    '@nestjs/microservices',
    'pg-transactional-outbox',
    'pg',
    'mysql2',
  ],
  trials: [...relayTrials, ...publishingTrials, ...wireTrials, ...endToEndTrials, ...latencyTrials],
  engines: async () => ({ ...(await postgres.version()), ...(await mysqlEngine.version()) }),
}
