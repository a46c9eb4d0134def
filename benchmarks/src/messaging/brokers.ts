import { engineUrl, type ServerName, skipWithout } from 'portolan-engines'
import { Unavailable } from '../suite.ts'

export interface Broker {
  readonly name: string
  /** Undefined: the application's own database. */
  readonly server: ServerName | undefined
}

/** Each broker that messages travel over. */
export const brokers: readonly Broker[] = [
  { name: 'database', server: undefined },
  { name: 'rabbitmq', server: 'rabbitmq' },
  { name: 'nats', server: 'nats' },
  { name: 'redis', server: 'redis' },
  { name: 'kafka', server: 'kafka' },
]

/** @throws Unavailable when there is no server. */
export async function serverUrl(server: ServerName): Promise<string> {
  const missing = await skipWithout(server)
  if (missing) throw new Unavailable(missing)
  return engineUrl(server)
}

/** As `openBroker` takes it: with names of its own in the broker. */
export async function brokerUrl({ server }: Broker, prefix: string): Promise<string> {
  return server === undefined ? 'database:' : `${await serverUrl(server)}/?prefix=${prefix}`
}
