import type { Contender, Measure, Trial } from '../suite.ts'
import { type EngineName, openPlace } from './place.ts'
import type { Open } from './queue.ts'
import { latencies, type OpenQueue, single, throughput } from './rounds.ts'

interface Peer {
  readonly name: string
  readonly engine: EngineName
  readonly open: Open
}

/** What is compared with each other. Each is loaded when it is opened. */
const grounds: Readonly<Record<string, readonly Peer[]>> = {
  postgres: [
    ours('postgres'),
    peer(
      'graphile-worker',
      'postgres',
      async () => (await import('./queues/graphile-worker.ts')).graphileWorker,
    ),
    peer('pg-boss', 'postgres', async () => (await import('./queues/pg-boss.ts')).pgBoss),
    peer('bullmq/postgres', 'postgres', async () => (await import('./queues/bullmq.ts')).onPostgres),
  ],
  embedded: [
    ours('sqlite'),
    peer('bullmq/redis', 'redis', async () => (await import('./queues/bullmq.ts')).onRedis),
  ],
  mysql: [ours('mysql')],
}

type Round = (open: OpenQueue) => Promise<Readonly<Record<string, number>>>

export const trials: readonly Trial[] = Object.entries(grounds).flatMap(([ground, peers]) => {
  const trial = (cases: Readonly<Record<string, Measure>>, round: Round): Trial => ({
    name: ground,
    cases,
    contenders: peers.map(each => contender(each, round)),
  })
  const [many, one, drain, cpu] = [
    `${ground}: enqueue, 1,000 at a time`,
    `${ground}: enqueue one by one, 50 callers`,
    `${ground}: drain`,
    `${ground}: drain, processor time of this process`,
  ] as const
  const [idle50, idle99, busy50, busy99] = [
    `${ground}: idle, p50`,
    `${ground}: idle, p99`,
    `${ground}: at 500/s, p50`,
    `${ground}: at 500/s, p99`,
  ] as const
  const ms: Measure = { unit: 'ms', better: 'lower' }
  return [
    trial({ [one]: { unit: 'jobs/s', better: 'higher' } }, async open => ({ [one]: await single(open) })),
    trial(
      {
        [many]: { unit: 'jobs/s', better: 'higher' },
        [drain]: { unit: 'jobs/s', better: 'higher' },
        [cpu]: { unit: 'µs/job', better: 'lower' },
      },
      async open => {
        const { enqueued, drained, cpuUs } = await throughput(open)
        return { [many]: enqueued, [drain]: drained, [cpu]: cpuUs }
      },
    ),
    trial({ [idle50]: ms, [idle99]: ms, [busy50]: ms, [busy99]: ms }, async open => {
      const { alone, loaded } = await latencies(open)
      return {
        ...{ [idle50]: at(alone, 0.5), [idle99]: at(alone, 0.99) },
        ...{ [busy50]: at(loaded, 0.5), [busy99]: at(loaded, 0.99) },
      }
    }),
  ]
})

function ours(engine: EngineName): Peer {
  return peer(`portolan/${engine}`, engine, async () => (await import('./queues/portolan.ts')).portolan)
}

function peer(name: string, engine: EngineName, load: () => Promise<Open>): Peer {
  return { name, engine, open: async (place, handle) => (await load())(place, handle) }
}

function contender({ name, engine, open }: Peer, round: Round): Contender<string> {
  return {
    name,
    async open() {
      const place = await openPlace(engine)
      return {
        round: () =>
          round(handle => open(place, handle)).catch((error: unknown) => {
            throw new Error(`${name}: ${(error as Error).message}`, { cause: error })
          }),
        [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
      }
    },
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * sorted.length)]!
}
