import type { Contender, Trial } from '../../suite.ts'
import { Arrivals } from '../arrivals.ts'
import { type Broker, brokers } from '../brokers.ts'
import { numberIn } from '../message.ts'
import { type Wire, wireRate } from './wire.ts'

interface Entrant {
  readonly name: string
  readonly raw?: boolean
  readonly open: () => Promise<Wire>
}

const count = 5_000

const others: Readonly<Record<string, readonly Entrant[]>> = {
  rabbitmq: [
    { name: 'amqplib', raw: true, open: async () => (await import('./amqplib.ts')).amqplibWire() },
    { name: 'nestjs', open: async () => (await import('./nestjs.ts')).nestRabbitmq() },
  ],
  nats: [
    { name: 'jetstream', raw: true, open: async () => (await import('./jetstream.ts')).jetstreamWire() },
    { name: 'nestjs', open: async () => (await import('./nestjs.ts')).nestNats() },
  ],
  redis: [
    { name: 'ioredis', raw: true, open: async () => (await import('./ioredis.ts')).ioredisWire() },
    { name: 'nestjs', open: async () => (await import('./nestjs.ts')).nestRedis() },
  ],
}

/** What the brokers carry, without any database. */
export const wireTrials: readonly Trial[] = brokers
  .filter(({ server }) => server !== undefined)
  .map(broker => ({
    name: 'wire',
    cases: { [caseOf(broker)]: { unit: 'messages/s', better: 'higher' } },
    contenders: [ours(broker), ...(others[broker.name] ?? [])].map(entrant =>
      contender(caseOf(broker), entrant),
    ),
  }))

function caseOf({ name }: Broker): string {
  return `${name}: wire`
}

function ours(broker: Broker): Entrant {
  return {
    name: `portolan/${broker.name}`,
    open: async () => (await import('./portolan.ts')).portolanWire(broker),
  }
}

function contender(name: string, { open, ...entrant }: Entrant): Contender<string> {
  return {
    ...entrant,
    async open() {
      const wire = await open()
      const arrivals = new Arrivals()
      await wire.consume(payload => arrivals.add(numberIn(payload)))
      return {
        round: async () => ({ [name]: await wireRate(wire, arrivals, count) }),
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
