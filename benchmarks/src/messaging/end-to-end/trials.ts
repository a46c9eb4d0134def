import type { Contender, Trial } from '../../suite.ts'
import { type Broker, brokers } from '../brokers.ts'
import { contenderOn } from '../contender.ts'
import type { EngineName } from '../places.ts'
import type { Wire } from '../wire/wire.ts'
import { Course, type Flow, flowLatencies, flowRate } from './flow.ts'

const count = 3_000
const load = { perSecond: 500, seconds: 2 }
const idle = { perSecond: 10, seconds: 1 }

const wires: Readonly<Record<string, () => Promise<Wire>>> = {
  rabbitmq: async () => (await import('../wire/amqplib.ts')).amqplibWire(),
  nats: async () => (await import('../wire/jetstream.ts')).jetstreamWire(),
  redis: async () => (await import('../wire/ioredis.ts')).ioredisWire(),
}

type Round = (flow: Flow, course: Course) => Promise<Readonly<Record<string, number>>>

/** How much gets through, from the first transaction to the last effect. */
export const endToEndTrials: readonly Trial[] = (['postgres', 'sqlite'] as const).flatMap(engine =>
  brokers.map(broker => {
    const name = `${engine}, ${broker.name}: end to end`
    const round: Round = async (flow, course) => ({ [name]: await flowRate(flow, course, count) })
    return {
      name: 'end to end',
      cases: { [name]: { unit: 'messages/s', better: 'higher' } },
      contenders: [ours(engine, broker, round), ...(engine === 'postgres' ? byHand(broker, round) : [])],
    }
  }),
)

/** How soon a handler begins after a commit, while messages come steadily, and when one comes now and then. */
export const latencyTrials: readonly Trial[] = brokers.map(broker => {
  const [p50, p99, idleP50, idleMost] = [
    `postgres, ${broker.name}: p50 at 500/s`,
    `postgres, ${broker.name}: p99 at 500/s`,
    `postgres, ${broker.name}: p50 idle`,
    `postgres, ${broker.name}: longest idle`,
  ] as const
  const round: Round = async (flow, course) => {
    const loaded = await flowLatencies(flow, course, load)
    const alone = await flowLatencies(flow, course, idle)
    return {
      ...{ [p50]: at(loaded, 0.5), [p99]: at(loaded, 0.99) },
      ...{ [idleP50]: at(alone, 0.5), [idleMost]: alone.at(-1)! },
    }
  }
  return {
    name: 'latency',
    cases: Object.fromEntries(
      [p50, p99, idleP50, idleMost].map(name => [name, { unit: 'ms', better: 'lower' as const }]),
    ),
    contenders: [ours('postgres', broker, round), ...byHand(broker, round)],
  }
})

function ours(engine: EngineName, broker: Broker, round: Round): Contender<string> {
  const course = new Course()
  return contenderOn(
    engine,
    `portolan/${engine}`,
    async place => (await import('./portolan.ts')).portolanFlow(place, broker, course.handled),
    flow => round(flow, course),
  )
}

/** Where somebody would: over a broker that is a server. */
function byHand({ name }: Broker, round: Round): Contender<string>[] {
  const wire = wires[name]
  if (!wire) return []
  const course = new Course()
  return [
    contenderOn(
      'postgres',
      'polling outbox',
      async place => (await import('./by-hand.ts')).flowByHand(place, wire, course.handled),
      flow => round(flow, course),
    ),
  ]
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * sorted.length)]!
}
