import { systemClock } from '../runtime/clock.ts'
import { type JobsCase, jobType, ok, same, standingClock, until } from './jobs-kit.ts'

/** Limits that hold for all processes together. */
export const limitCases: readonly JobsCase[] = [
  {
    name: 'no more jobs of a type run at the same time, over all processes, than its limit',
    async run({ open }) {
      const type = jobType({ limits: { concurrency: 3 } })
      let [running, most, done] = [0, 0, 0]
      const workers = [open({ poll: 5 }), open({ poll: 5 }), open({ poll: 5 })]
      for (const jobs of workers) {
        jobs.work(type, { concurrency: 10 }, async () => {
          most = Math.max(most, ++running)
          await systemClock.sleep(2)
          running--
          done++
        })
      }
      await workers[0]!.enqueueMany(type, numbers(45))
      for (const jobs of workers) await jobs.start()
      await until('all have run', () => done === 45)
      same(most, 3, 'jobs at the same time')
      await until('nothing is left', async () => (await workers[0]!.list()).length === 0)
    },
  },
  {
    name: 'no more jobs of a type are begun in a time than its rate, over all processes, and all are begun in the end',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const type = jobType({ limits: { rate: { jobs: 5, per: '10s' } } })
      const begun: number[] = []
      const services = [open({ mode: 'manual', clock }), open({ mode: 'manual', clock })]
      for (const jobs of services) {
        jobs.work(type, {}, ({ n }) => {
          begun.push(n)
        })
      }
      await services[0]!.enqueueMany(type, numbers(12))
      const counts: number[] = []
      // Five at once, then one each two seconds.
      for (const second of [0, 1, 2, 3, 8, 30]) {
        clock.move(`2026-01-01T10:00:${String(second).padStart(2, '0')}Z`)
        let attempts = 0
        for (const jobs of services) attempts += await jobs.runDue()
        counts.push(attempts)
      }
      same(
        [counts, begun],
        [[5, 0, 1, 0, 3, 3], numbers(12).map(({ payload }) => payload.n)],
        'attempts, and what ran',
      )
    },
  },
  {
    name: 'a worker comes back by itself when the rate lets it',
    async run({ open }) {
      const jobs = open({ poll: '30s' })
      const type = jobType({ limits: { rate: { jobs: 2, per: 40 } } })
      let done = 0
      jobs.work(type, {}, () => {
        done++
      })
      await jobs.start()
      await jobs.enqueueMany(type, numbers(7))
      await until('all have run', () => done === 7)
    },
  },
  {
    name: 'as many jobs of a group run at the same time as its type allows, whichever process has them',
    requires: 'groups',
    async run({ open }) {
      const type = jobType({ limits: { groupConcurrency: 2 } })
      const running = new Map<string, number>()
      const most = new Map<string, number>()
      let done = 0
      const workers = [open(), open()]
      for (const jobs of workers) {
        jobs.work(type, { concurrency: 10 }, async ({ n }) => {
          const group = `g${n % 3}`
          const now = (running.get(group) ?? 0) + 1
          running.set(group, now)
          most.set(group, Math.max(most.get(group) ?? 0, now))
          await systemClock.sleep(3)
          running.set(group, running.get(group)! - 1)
          done++
        })
      }
      const ids = await workers[0]!.enqueueMany(
        type,
        Array.from({ length: 60 }, (_, n) => ({ payload: { n }, group: `g${n % 3}` })),
      )
      same(
        (await workers[0]!.list({ limit: 4 })).map(({ group }) => group),
        ['g0', 'g1', 'g2', 'g0'],
        'groups as they are listed',
      )
      ok(
        ids.every(id => id !== undefined),
        'all are stored',
      )
      for (const jobs of workers) await jobs.start()
      await until('all have run', () => done === 60)
      same(Math.max(...most.values()), 2, 'jobs of one group at the same time')
    },
  },
]

function numbers(count: number) {
  return Array.from({ length: count }, (_, n) => ({ payload: { n } }))
}
