import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { gate, type JobsCase, jobType, type Numbered, ok, refusal, same, until } from './jobs-kit.ts'

/** When and in which order jobs run: delays, priorities, concurrency, groups; and who sees what waits. */
export const runCases: readonly JobsCase[] = [
  {
    name: 'a delayed job waits for its time, and not longer',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const seen: [number, boolean][] = []
      const dueAt = new Map<number, number>()
      jobs.work(type, {}, ({ n }) => {
        seen.push([n, systemClock.now() >= dueAt.get(n)!])
      })
      await jobs.start()
      const now = systemClock.now()
      dueAt.set(1, now + 60).set(2, now + 30)
      // There together, however long a commit takes.
      await jobs.enqueueMany(type, [
        { payload: { n: 1 }, delay: 60 },
        { payload: { n: 2 }, runAt: new Date(now + 30) },
        { payload: { n: 3 }, delay: '1h' },
      ])
      same((await jobs.status()).scheduled >= 1, true, 'something is scheduled')
      await until('both have run', () => seen.length === 2)
      same(
        seen,
        [
          [2, true],
          [1, true],
        ],
        'what ran, and whether its time had come',
      )
      await until('both are gone', async () => (await jobs.list()).length === 1)
      const [left] = await jobs.list()
      same([left?.payload, left?.state], [{ n: 3 }, 'scheduled'], 'what is left')
    },
  },
  {
    name: 'of what is due, a higher priority goes first, then what was enqueued first',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType()
      const seen: number[] = []
      jobs.work(type, { concurrency: 1 }, ({ n }) => {
        seen.push(n)
      })
      const priorities = ['low', 'normal', 'high', undefined, 'low', 'high'] as const
      for (const [n, priority] of priorities.entries()) {
        await jobs.enqueue(type, { n }, { ...(priority && { priority }) })
      }
      same(await jobs.runDue(), 6, 'attempts')
      same(seen, [2, 5, 1, 3, 0, 4], 'the order')
    },
  },
  {
    name: 'no more jobs of a type are in hand than its concurrency allows',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      let running = 0
      let most = 0
      let done = 0
      jobs.work(type, { concurrency: 3 }, async () => {
        most = Math.max(most, ++running)
        await systemClock.sleep(1)
        running--
        done++
      })
      await jobs.enqueueMany(type, numbers(60))
      await jobs.start()
      await until('all have run', () => done === 60)
      same(most, 3, 'jobs at the same time')
    },
  },
  {
    name: 'jobs of a group run one at a time in the order of their enqueue, whatever their priority; groups run side by side',
    requires: 'groups',
    async otherwise({ open }) {
      const jobs = open({ mode: 'manual' })
      await refusal('unsupported', () => jobs.enqueue(jobType(), { n: 1 }, { group: 'g' }))
      same(await jobs.list(), [], 'stored jobs')
    },
    async run({ open }) {
      const [one, two] = [open(), open()]
      const type = jobType()
      const seen = new Map<string, number[]>()
      const busy = new Set<string>()
      let overlaps = 0
      let together = 0
      for (const jobs of [one, two]) {
        jobs.work(type, { concurrency: 10 }, async payload => {
          const { n, group } = payload as Numbered & { group: string }
          if (busy.has(group)) overlaps++
          busy.add(group)
          together = Math.max(together, busy.size)
          await systemClock.sleep(1)
          seen.set(group, [...(seen.get(group) ?? []), n])
          busy.delete(group)
        })
      }
      for (let n = 0; n < 90; n++) {
        const group = `g${n % 3}`
        const payload: Numbered & { group: string } = { n, group }
        await one.enqueue(type, payload, { group, priority: n % 4 === 0 ? 'high' : 'low' })
      }
      await Promise.all([one.start(), two.start()])
      await until('all have run', () => [...seen.values()].flat().length === 90)
      same(overlaps, 0, 'jobs of one group at the same time')
      for (const [group, order] of seen)
        same(
          order,
          order.toSorted((a, b) => a - b),
          `the order in ${group}`,
        )
      ok(together > 1, 'groups run side by side')
      await until('nothing is left', async () => (await one.list()).length === 0)
    },
  },
  {
    name: 'a failed job of a group waits for its retry beside the others, and a cancelled one holds up nobody',
    requires: 'groups',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType({ backoff: { from: '1h', to: '1h' } })
      const seen: number[] = []
      jobs.work(type, {}, ({ n }) => {
        seen.push(n)
        if (n === 1) throw new Error('fails')
      })
      const group = 'g'
      for (let n = 1; n <= 4; n++) await jobs.enqueue(type, { n }, { group })
      const waiting = await jobs.list()
      same(await jobs.cancel(waiting[1]!.id), 'cancelled', 'cancelling a job that waits for its group')
      await jobs.runDue()
      same(seen, [1, 3, 4], 'the order')
      same(
        (await jobs.list()).map(({ payload, state }) => [payload, state]),
        [[{ n: 1 }, 'retrying']],
        'what is left',
      )
    },
  },
  {
    name: 'a long group does not keep other jobs from running',
    requires: 'groups',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const finish = gate()
      let others = 0
      jobs.work(type, { concurrency: 5 }, async payload => {
        if ('held' in payload) await finish.opened
        else others++
      })
      await jobs.enqueueMany(
        type,
        numbers(3_000).map(({ payload }) => ({ payload: { ...payload, held: true }, group: 'g' })),
      )
      await jobs.enqueueMany(type, numbers(20))
      await jobs.start()
      await until('the others have run', () => others === 20)
      await until('one of the group is in hand', async () => (await jobs.status()).running === 1)
      finish.open()
    },
  },
  {
    name: 'several workers share the jobs, and each job is run once',
    async run({ open }) {
      const type = jobType()
      const seen = new Map<number, number>()
      const services = [open(), open(), open()]
      for (const jobs of services) {
        jobs.work(type, { concurrency: 7 }, async ({ n }) => {
          seen.set(n, (seen.get(n) ?? 0) + 1)
          if (n % 10 === 0) await systemClock.sleep(1)
        })
        await jobs.start()
      }
      await Promise.all(numbers(600).map(({ payload }) => services[payload.n % 3]!.enqueue(type, payload)))
      await until('all have run', () => seen.size === 600)
      await until('nothing is left', async () => (await services[0]!.list()).length === 0)
      same(
        [...seen.values()].filter(times => times !== 1),
        [],
        'jobs that ran more than once',
      )
    },
  },
  {
    name: 'jobs of a type that nobody handles wait, and are seen',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const [known, unknown] = [jobType(), jobType({ name: 'contract-unknown' })]
      jobs.work(known, {}, () => {})
      await jobs.enqueue(unknown, { n: 1 })
      await jobs.enqueue(unknown, { n: 2 }, { delay: '1h' })
      await jobs.enqueue(known, { n: 3 }, { delay: '2h' })
      same(await jobs.runDue(), 0, 'attempts')
      const waiting = await jobs.list({ type: unknown.name, state: 'waiting' })
      same(
        waiting.map(({ payload }) => payload),
        [{ n: 1 }],
        'what waits',
      )
      const { types, ...total } = await jobs.status()
      const oldestDueAt = waiting[0]!.runAt
      const none = { waiting: 0, running: 0, scheduled: 0, retrying: 0, parked: 0, dead: 0 }
      same(total, { ...none, waiting: 1, scheduled: 2, oldestDueAt }, 'the totals')
      same(
        types,
        [
          { type: 'contract', ...none, scheduled: 1, paused: false, handled: true },
          {
            type: 'contract-unknown',
            ...none,
            waiting: 1,
            scheduled: 1,
            oldestDueAt,
            paused: false,
            handled: false,
          },
        ],
        'the types',
      )
    },
  },
  {
    name: 'test mode runs what is due and what its handlers enqueue, and leaves the rest',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType({ attempts: 2, backoff: { from: '1h', to: '1h' } })
      const seen: number[] = []
      jobs.work(type, { concurrency: 2 }, async ({ n }) => {
        seen.push(n)
        if (n === 0) throw new InfrastructureError('unavailable', 'The gateway is down.', { retry: 'later' })
        if (n < 5) await jobs.enqueue(type, { n: n + 1 })
      })
      await jobs.start()
      await jobs.enqueue(type, { n: 0 })
      await jobs.enqueue(type, { n: 1 })
      await jobs.enqueue(type, { n: 9 }, { delay: '1h' })
      const [first, second] = await Promise.all([jobs.runDue(), jobs.runDue()])
      same([first, second], [6, 0], 'attempts')
      same(seen.toSorted(), [0, 1, 2, 3, 4, 5], 'what ran')
      same(
        (await jobs.list()).map(({ state }) => state),
        ['retrying', 'scheduled'],
        'what is left',
      )
    },
  },
]

function numbers(count: number): { readonly payload: Numbered }[] {
  return Array.from({ length: count }, (_, n) => ({ payload: { n } }))
}
