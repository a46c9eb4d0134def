import { type JobsCase, jobType, same, standingClock, until } from './jobs-kit.ts'

/** The rate of each group, over all processes. */
export const groupRateCases: readonly JobsCase[] = [
  {
    name: 'no more jobs of a group are begun in a time than its rate, in their order and over all processes; other groups go on',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const type = jobType({ limits: { groupRate: { jobs: 2, per: '10s' } } })
      const begun: string[] = []
      const services = [open({ mode: 'manual', clock }), open({ mode: 'manual', clock })]
      for (const jobs of services) {
        jobs.work(type, {}, ({ n }) => {
          begun.push(n < 10 ? `a${n}` : n < 20 ? `b${n}` : `-${n}`)
        })
      }
      const [first, second] = services
      await first!.enqueueMany(type, grouped('a', [1, 2, 3, 4, 5, 6]))
      await first!.enqueueMany(type, grouped('b', [10, 11, 12]))
      await first!.enqueueMany(
        type,
        [20, 21, 22].map(n => ({ payload: { n } })),
      )
      const at = async (second: number) => {
        clock.move(`2026-01-01T10:00:${String(second).padStart(2, '0')}Z`)
        begun.length = 0
        for (const jobs of services) await jobs.runDue()
        return begun.toSorted()
      }
      same(await at(0), ['-20', '-21', '-22', 'a1', 'a2', 'b10', 'b11'], 'at once')
      same((await second!.status()).waiting, 5, 'jobs that wait')
      same(await at(4), [], 'before the next one may begin')
      same(await at(5), ['a3', 'b12'], 'one of each group')
      // What comes later does not go before what waits.
      await second!.enqueueMany(type, grouped('a', [7]))
      same(await at(6), [], 'of what came meanwhile')
      same(await at(10), ['a4'], 'the next one')
      same(await at(50), ['a5', 'a6'], 'after a pause, those of one period')
      same(await at(59), ['a7'], 'the last one')
      same((await first!.list()).length, 0, 'what is left')
    },
  },
  {
    name: 'a group that its rate held back goes on by itself, also in a process that came later',
    requires: 'groups',
    async run({ open }) {
      const type = jobType({ limits: { groupRate: { jobs: 1, per: 60 }, groupConcurrency: 2 } })
      const done: number[] = []
      const start = async (poll: '30s' | 5) => {
        const jobs = open({ poll })
        jobs.work(type, {}, ({ n }) => {
          done.push(n)
        })
        await jobs.start()
        return jobs
      }
      const first = await start('30s')
      await first.enqueueMany(type, grouped('a', [1, 2, 3, 4]))
      await until('all have run', () => done.length === 4)
      const long = jobType({ name: 'contract-long', limits: { groupRate: { jobs: 1, per: 400 } } })
      const enqueuer = open({ mode: 'manual' })
      enqueuer.work(long, {}, () => {})
      await enqueuer.enqueueMany(long, grouped('a', [1, 2]))
      same(await enqueuer.runDue(), 1, 'attempts before it waits')
      await enqueuer.stop()
      const later = open({ poll: 5 })
      const gone = Promise.withResolvers<number>()
      later.work(long, {}, ({ n }) => gone.resolve(n))
      await later.start()
      same(await gone.promise, 2, 'the one that waited')
    },
  },
  {
    name: 'a group that waits for a rate which its type has no more goes on at once',
    requires: 'groups',
    async run({ open }) {
      const before = jobType({ limits: { groupRate: { jobs: 1, per: '1h' }, groupConcurrency: 2 } })
      const seen: number[] = []
      const jobs = open({ mode: 'manual' })
      jobs.work(before, {}, ({ n }) => {
        seen.push(n)
      })
      await jobs.enqueueMany(before, grouped('a', [1, 2, 3, 4]))
      same(await jobs.runDue(), 1, 'attempts with the rate')
      const later = open({ mode: 'manual' })
      later.work(jobType({ limits: { groupConcurrency: 2 } }), {}, ({ n }) => {
        seen.push(n)
      })
      same([await later.runDue(), seen.toSorted()], [3, [1, 2, 3, 4]], 'attempts without it')
    },
  },
  {
    name: 'of very many groups that wait for their rate, each goes on in time and in its order',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const type = jobType({ limits: { groupRate: { jobs: 1, per: '10s' } } })
      const jobs = open({ mode: 'manual', clock })
      const seen = new Map<string, number[]>()
      jobs.work(type, { concurrency: 50 }, ({ n }) => {
        const group = `g${Math.floor(n / 10)}`
        seen.set(group, [...(seen.get(group) ?? []), n % 10])
      })
      const groups = Array.from({ length: 450 }, (_, g) => g)
      for (const n of [0, 1, 2])
        await jobs.enqueueMany(
          type,
          groups.map(g => ({ payload: { n: 10 * g + n }, group: `g${g}` })),
        )
      for (const n of [0, 1, 2]) {
        same(await jobs.runDue(), groups.length, `attempts of round ${n}`)
        clock.advance('10s')
      }
      same(
        [...seen.values()].filter(order => order.join() !== '0,1,2'),
        [],
        'groups in another order',
      )
    },
  },
  {
    name: 'a retry counts for the rate of its group, and one that is cancelled while it waits holds up nobody',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const type = jobType({ limits: { groupRate: { jobs: 1, per: '10s' } } })
      const jobs = open({ mode: 'manual', clock })
      const seen: number[] = []
      jobs.work(type, {}, ({ n }, { attempt }) => {
        seen.push(n)
        if (n === 1 && attempt === 1) throw new Error('not now')
      })
      await jobs.enqueueMany(type, grouped('a', [1]))
      await jobs.runDue()
      clock.advance('1s')
      await jobs.runDue()
      same(seen, [1], 'attempts within the time')
      clock.advance('9s')
      await jobs.runDue()
      const [second] = await jobs.enqueueMany(type, grouped('a', [2, 3]))
      await jobs.runDue()
      same(seen, [1, 1], 'attempts with the retry')
      same(await jobs.cancel(second!), 'cancelled', 'what waits for its group')
      clock.advance('10s')
      await jobs.runDue()
      same([seen, (await jobs.list()).length], [[1, 1, 3], 0], 'attempts, and what is left')
    },
  },
]

function grouped(group: string, numbers: readonly number[]) {
  return numbers.map(n => ({ payload: { n }, group }))
}
