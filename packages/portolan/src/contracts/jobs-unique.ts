import type { UniqueKey } from '../ports/jobs.ts'
import { gate, type JobsCase, jobType, ok, refusal, same, standingClock, until } from './jobs-kit.ts'

/** Unique keys with a policy: until when they are held, and what becomes of a job that waits and has one. */
export const uniqueCases: readonly JobsCase[] = [
  {
    name: 'a unique key that is held while waiting is free as soon as its job runs',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const [running, finish] = [gate(), gate()]
      const seen: number[] = []
      jobs.work(type, {}, async ({ n }) => {
        seen.push(n)
        running.open()
        await finish.opened
      })
      const unique: UniqueKey = { key: 'k', while: 'waiting' }
      await jobs.enqueueMany(type, [
        { payload: { n: 1 }, unique },
        { payload: { n: 2 }, unique },
      ])
      same(await jobs.enqueue(type, { n: 3 }, { unique }), undefined, 'the id of one beside a waiting one')
      await jobs.start()
      await running.opened
      ok((await jobs.enqueue(type, { n: 4 }, { unique })) !== undefined, 'one is stored beside a running one')
      finish.open()
      await until('all have run', async () => (await jobs.list()).length === 0)
      same(seen, [1, 4], 'what ran')
    },
  },
  {
    name: 'replace gives the waiting job of a key a new payload and time, and leaves a running one alone',
    requires: 'changingUnique',
    async otherwise({ open }) {
      const jobs = open({ mode: 'manual' })
      for (const taken of ['replace', 'extend'] as const)
        await refusal('unsupported', () => jobs.enqueue(jobType(), { n: 1 }, { unique: { key: 'k', taken } }))
      same(await jobs.list(), [], 'stored jobs')
    },
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const jobs = open({ mode: 'manual', clock })
      const type = jobType({ backoff: { from: '1h', to: '1h' } })
      const unique: UniqueKey = { key: 'k', taken: 'replace' }
      const seen: number[] = []
      let inside: string | undefined = 'not asked'
      jobs.work(type, {}, async ({ n }) => {
        seen.push(n)
        inside = await jobs.enqueue(type, { n: 9 }, { unique })
        if (n === 2) throw new Error('fails')
      })
      const id = await jobs.enqueue(type, { n: 1 }, { unique, delay: '1h' })
      same(await jobs.enqueue(type, { n: 2 }, { unique }), id, 'the id')
      same(
        (await jobs.list()).map(({ payload, state }) => [payload, state]),
        [[{ n: 2 }, 'waiting']],
        'what is stored',
      )
      await jobs.runDue()
      same([seen, inside], [[2], undefined], 'what ran, and the id of one beside a running one')
      same(
        await jobs.enqueueMany(type, [
          { payload: { n: 3 }, unique },
          { payload: { n: 4 }, unique },
        ]),
        [id, id],
        'the ids',
      )
      same((await jobs.find(id!))?.attempt, 0, 'its attempts begin anew')
      await jobs.runDue()
      same(seen, [2, 4], 'what ran')
    },
  },
  {
    name: 'extend puts the waiting job of a key off, and keeps its payload',
    requires: 'changingUnique',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const jobs = open({ mode: 'manual', clock })
      const type = jobType()
      const seen: number[] = []
      jobs.work(type, {}, ({ n }) => {
        seen.push(n)
      })
      const options = { unique: { key: 'k', taken: 'extend' } as const, delay: '10s' as const }
      const id = await jobs.enqueue(type, { n: 1 }, options)
      for (const [second, n] of [
        [6, 2],
        [12, 3],
      ] as const) {
        clock.move(`2026-01-01T10:00:${String(second).padStart(2, '0')}Z`)
        same(await jobs.runDue(), 0, `attempts after ${second} s`)
        same(await jobs.enqueue(type, { n }, options), id, 'the id')
      }
      same(
        await jobs.enqueue(type, { n: 4 }, { ...options, delay: '1s' }),
        id,
        'the id of one that comes sooner',
      )
      clock.move('2026-01-01T10:00:21Z')
      same(await jobs.runDue(), 0, 'attempts too early')
      clock.move('2026-01-01T10:00:22Z')
      same([await jobs.runDue(), seen], [1, [1]], 'attempts, and what ran')
    },
  },
  {
    name: 'putting off the first of a group lets the next one go first',
    requires: 'changingUnique',
    async run({ open }) {
      const jobs = open({ mode: 'manual', clock: standingClock('2026-01-01T10:00:00Z') })
      const type = jobType()
      const seen: number[] = []
      jobs.work(type, {}, ({ n }) => {
        seen.push(n)
      })
      const unique: UniqueKey = { key: 'k', taken: 'replace' }
      await jobs.enqueue(type, { n: 1 }, { group: 'g', unique })
      await jobs.enqueue(type, { n: 2 }, { group: 'g' })
      await jobs.enqueue(type, { n: 3 }, { group: 'g', unique, delay: '1h' })
      await jobs.runDue()
      same(seen, [2], 'what ran')
    },
  },
  {
    name: 'many that replace the same key at once leave one job',
    requires: 'changingUnique',
    async run({ open }) {
      const [one, two] = [open({ mode: 'manual' }), open({ mode: 'manual' })]
      await one.start()
      const type = jobType()
      const unique: UniqueKey = { key: 'k', taken: 'replace' }
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).enqueue(type, { n }, { unique })),
      )
      const [job, ...more] = await one.list()
      same([more.length, new Set(ids).size, ids[0]], [0, 1, job!.id], 'other jobs, and ids')
      await refusal('invalid_argument', () =>
        one.enqueue(type, { n: 1 }, { unique: { key: 'k', taken: 'refuse' as 'ignore' } }),
      )
      await refusal('invalid_argument', () =>
        one.enqueue(type, { n: 1 }, { unique: { key: 'k', while: 'dead' as 'waiting' } }),
      )
      await refusal('invalid_argument', () => one.enqueue(type, { n: 1 }, { unique: { key: '' } }))
    },
  },
  {
    name: 'a key that is held for a time is taken until that is over, also when its job has ended',
    requires: 'timedUnique',
    async otherwise({ open }) {
      const jobs = open({ mode: 'manual' })
      await refusal('unsupported', () =>
        jobs.enqueue(jobType(), { n: 1 }, { unique: { key: 'k', for: '1h' } }),
      )
      same(await jobs.list(), [], 'stored jobs')
    },
    async run({ open, database }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const jobs = open({ mode: 'manual', clock })
      await jobs.start()
      const type = jobType()
      const unique: UniqueKey = { key: 'k', for: '10m' }
      const enqueued = async (n: number) => (await jobs.enqueue(type, { n }, { unique })) !== undefined
      await database
        .run(async () => {
          await jobs.enqueue(type, { n: 0 }, { unique })
          throw new Error('no')
        })
        .catch(() => {})
      same([await enqueued(1), await enqueued(2)], [true, false], 'beside one that waits')
      const id = (await jobs.list())[0]!.id
      await jobs.cancel(id)
      same(await enqueued(3), false, 'after its end')
      ok(
        (await jobs.enqueue(type, { n: 4 }, { unique: { key: 'l', for: '10m' } })) !== undefined,
        'another key',
      )
      clock.move('2026-01-01T10:10:00Z')
      same([await enqueued(5), await enqueued(6)], [true, false], 'after its time')
      clock.move('2026-01-01T10:30:00Z')
      same(await enqueued(7), false, 'beside one that still waits')
      await jobs.cancel((await jobs.list()).find(({ unique }) => unique === 'k')!.id)
      same(
        (
          await jobs.enqueueMany(type, [
            { payload: { n: 8 }, unique },
            { payload: { n: 9 }, unique },
          ])
        ).map(stored => stored !== undefined),
        [true, false],
        'of two at once',
      )
      await refusal('invalid_argument', () =>
        jobs.enqueue(type, { n: 1 }, { unique: { key: 'k', for: '1h', taken: 'replace' } }),
      )
    },
  },
  {
    name: 'of many that enqueue a key that is held for a time, one is done, however fast it ends',
    requires: 'timedUnique',
    async run({ open }) {
      const [one, two] = [open(), open()]
      const type = jobType()
      const seen: number[] = []
      for (const jobs of [one, two])
        jobs.work(type, {}, ({ n }) => {
          seen.push(n)
        })
      await Promise.all([one.start(), two.start()])
      const unique: UniqueKey = { key: 'k', for: '1h', while: 'waiting' }
      const ids = await Promise.all(
        Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? one : two).enqueue(type, { n }, { unique })),
      )
      await until('it is done', async () => seen.length > 0 && (await one.list()).length === 0)
      same([ids.filter(id => id !== undefined).length, seen.length], [1, 1], 'stored, and done')
    },
  },
]
