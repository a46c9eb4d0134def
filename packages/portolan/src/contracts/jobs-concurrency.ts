import { systemClock } from '../runtime/clock.ts'
import { haltingClock } from './halting-clock.ts'
import { gate, type JobsCase, type JobsHarness, jobType, type Numbered, ok, same, until } from './jobs-kit.ts'

/** What holds when several workers, and those who enqueue, are in the middle of transactions at the same moment. */
export const concurrencyCases: readonly JobsCase[] = [
  {
    name: 'whatever commits when, one job of a group runs at a time, and each has its effect once',
    requires: 'transactions',
    async run(harness) {
      const { open, database } = harness
      const type = jobType({ attempts: 20 })
      await database.execute('CREATE TABLE effect (n INTEGER NOT NULL)')
      const busy = new Set<string>()
      let overlaps = 0
      const services = [open({ poll: 20 }), open({ poll: 20 }), open({ poll: 20 })]
      for (const jobs of services) {
        jobs.work(type, { concurrency: 8 }, async (payload, { attempt, complete }) => {
          const { n, group } = payload as Grouped
          if (busy.has(group)) overlaps++
          busy.add(group)
          try {
            await systemClock.sleep(n % 3)
            // Those that fail come back beside the ones that were enqueued after them.
            if (n % 7 === 0 && attempt === 1) throw new Error('fails')
            if (n % 2 === 0) return await record(harness, n)
            await database.run(async () => {
              await record(harness, n)
              await complete()
              busy.delete(group)
            })
          } finally {
            busy.delete(group)
          }
        })
        await jobs.start()
      }
      await Promise.all(
        Array.from({ length: 6 }, async (_, writer) => {
          for (let i = 0; i < 25; i++) {
            const n = writer * 25 + i
            const payload: Grouped = { n, group: `g${n % 4}` }
            await database.run(async () => {
              await services[writer % 3]!.enqueue(type, payload, { group: payload.group })
              // Others commit later ids meanwhile.
              await systemClock.sleep(n % 4)
            })
          }
        }),
      )
      await until('nothing is left', async () => (await services[0]!.list({ limit: 1 })).length === 0)
      same(overlaps, 0, 'jobs of one group at the same time')
      same(
        await recorded(harness),
        Array.from({ length: 150 }, (_, n) => n),
        'effects',
      )
      same(await services[0]!.deadLetters.count(), 0, 'dead letters')
    },
  },
  {
    name: 'a job that is committed late waits for the one of its group that has begun before',
    requires: 'concurrentTransactions',
    async run({ open, database }) {
      const [one, two] = [open({ poll: 20 }), open({ poll: 20 })]
      const type = jobType()
      const [begun, finish, enqueued, commit] = [gate(), gate(), gate(), gate()]
      const seen: number[] = []
      let others = 0
      for (const jobs of [one, two]) {
        jobs.work(type, {}, async ({ n }) => {
          if (n === 3) {
            others++
            return
          }
          seen.push(n)
          begun.open()
          if (n === 2) await finish.opened
        })
        await jobs.start()
      }
      const late = database.run(async () => {
        await one.enqueue(type, { n: 1 }, { group: 'g' })
        enqueued.open()
        await commit.opened
      })
      await enqueued.opened
      await two.enqueue(type, { n: 2 }, { group: 'g' })
      await begun.opened
      commit.open()
      await late
      // Claims of both workers, each of which sees the late one.
      for (let n = 0; n < 10; n++) {
        await two.enqueue(type, { n: 3 })
        await until('the others have run', () => others === n + 1)
      }
      same(seen, [2], 'what has begun of the group')
      finish.open()
      await until('nothing is left', async () => (await one.list()).length === 0)
      same(seen, [2, 1], 'the order')
    },
  },
  {
    name: 'a failed job that waits for its group is not lost when the one ahead is given back, or freed from a lost worker',
    requires: 'groups',
    async run({ open }) {
      for (const way of ['given back', 'freed'] as const) {
        const type = jobType({ name: `contract-${way}`, attempts: 50, backoff: { from: 100, to: 100 } })
        using clock = haltingClock()
        const doomed = open({ clock, poll: 20, lease: way === 'freed' ? 300 : '30s' })
        const seen: number[] = []
        doomed.work(type, {}, async ({ n }) => {
          if (n === 1 && !seen.includes(2)) throw new Error('fails')
          seen.push(n)
          if (n === 2) await gate().opened
        })
        await doomed.enqueue(type, { n: 1 }, { group: 'g' })
        await doomed.enqueue(type, { n: 2 }, { group: 'g' })
        await doomed.start()
        await until('the second one has begun', () => seen.includes(2))
        await until('the first one is due again', async () => {
          const [first] = await doomed.list({ type: type.name })
          return first?.state === 'waiting' && first.attempt > 0
        })
        await doomed.enqueue(type, { n: 3 })
        await until('a claim has passed it by', () => seen.includes(3))
        same(seen, [2, 3], 'what has begun')
        const other = open({ poll: 20 })
        const done: number[] = []
        other.work(type, {}, ({ n }) => {
          done.push(n)
        })
        await other.start()
        if (way === 'freed') clock.halt()
        else await doomed.drain(AbortSignal.abort())
        await until('both are done', async () => (await other.list({ type: type.name })).length === 0)
        same(done.toSorted(), [1, 2], `what the other one has done of what was ${way}`)
      }
    },
  },
  {
    name: 'of many that enqueue the same unique key at once, one stores its job; after its rollback, another one',
    requires: 'transactions',
    async run({ open, database }) {
      const [one, two] = [open({ mode: 'manual' }), open({ mode: 'manual' })]
      const type = jobType()
      await Promise.all([one.start(), two.start()])
      const enqueue = (n: number) => [one, two][n % 2]!.enqueue(type, { n }, { unique: 'k', group: `g${n}` })
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 3 === 0 ? enqueue(n) : database.run(() => enqueue(n)))),
      )
      const stored = ids.filter(id => id !== undefined)
      const [job, ...more] = await one.list()
      same([stored, more], [[job?.id], []], 'ids that were given, and further jobs')
      await one.cancel(job!.id)

      const [enqueued, finish] = [gate(), gate()]
      const undone = database.run(async () => {
        ok((await enqueue(0)) !== undefined, 'the first one is stored')
        enqueued.open()
        await finish.opened
        throw new Error('rolled back')
      })
      await enqueued.opened
      const waiting = [enqueue(1), database.run(() => enqueue(2))]
      finish.open()
      await undone.catch(() => {})
      same((await Promise.all(waiting)).filter(id => id !== undefined).length, 1, 'ids after the rollback')
      same((await one.list()).length, 1, 'jobs after the rollback')
    },
  },
  {
    name: 'of many in several processes that enqueue the same unique key at once, one stores its job',
    async run({ open }) {
      const services = [open({ mode: 'manual' }), open({ mode: 'manual' })]
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, n) => services[n % 2]!.enqueue(jobType(), { n }, { unique: 'k' })),
      )
      const [job, ...more] = await services[0]!.list()
      same(
        [ids.filter(id => id !== undefined), more],
        [[job?.id], []],
        'ids that were given, and further jobs',
      )
    },
  },
  {
    name: 'a job is either cancelled or run, and those behind it in its group run all the same',
    requires: 'transactions',
    async run(harness) {
      const { open, database } = harness
      const type = jobType()
      await database.execute('CREATE TABLE effect (n INTEGER NOT NULL)')
      const services = [open({ poll: 20 }), open({ poll: 20 })]
      for (const jobs of services) {
        jobs.work(type, { concurrency: 4 }, async ({ n }, { complete }) => {
          await database.run(async () => {
            await record(harness, n)
            await complete()
          })
        })
      }
      const ids = await services[0]!.enqueueMany(
        type,
        Array.from({ length: 120 }, (_, n) => ({ payload: { n }, group: `g${n % 5}` })),
      )
      await Promise.all(services.map(jobs => jobs.start()))
      const cancelled = new Set<number>()
      // It was in hand already: its worker drops it or lets it end.
      const stopping = new Set<number>()
      await Promise.all(
        [0, 1].map(async half => {
          for (let n = 60 * half; n < 60 * half + 60; n += 3) {
            const done = await database.run(async () => {
              const done = await services[half]!.cancel(ids[n]!)
              await systemClock.sleep(n % 2)
              return done
            })
            if (done === 'cancelled') cancelled.add(n)
            if (done === 'stopping') stopping.add(n)
          }
        }),
      )
      await until('nothing is left', async () => (await services[0]!.list({ limit: 1 })).length === 0)
      const expected = Array.from({ length: 120 }, (_, n) => n).filter(
        n => !cancelled.has(n) && !stopping.has(n),
      )
      const effects = (await recorded(harness)).filter(n => !stopping.has(n))
      same(effects, expected, 'effects')
    },
  },
  {
    name: 'dead letters that several replay at once come back once',
    async run({ open }) {
      const type = jobType({ attempts: 1 })
      const services = [open({ mode: 'manual' }), open({ mode: 'manual' }), open({ mode: 'manual' })]
      let broken = true
      let done = 0
      for (const jobs of services) {
        jobs.work(type, {}, () => {
          if (broken) throw new Error('broken')
          done++
        })
      }
      await services[0]!.enqueueMany(
        type,
        Array.from({ length: 30 }, (_, n) => ({ payload: { n } })),
      )
      await services[0]!.runDue()
      same(await services[0]!.deadLetters.count(), 30, 'dead letters')
      broken = false
      const replayed = await Promise.all(services.map(jobs => jobs.deadLetters.replayAll()))
      same(
        replayed.reduce((sum, number) => sum + number, 0),
        30,
        'replayed',
      )
      await Promise.all(services.map(jobs => jobs.runDue()))
      same([done, await services[0]!.deadLetters.count()], [30, 0], 'done, and still dead')
    },
  },
]

interface Grouped extends Numbered {
  readonly group: string
}

async function record({ database }: JobsHarness, n: number): Promise<void> {
  await database.execute('INSERT INTO effect (n) VALUES (?)', [n])
}

async function recorded({ database }: JobsHarness): Promise<number[]> {
  const rows = await database.query<{ n: number }>('SELECT n FROM effect ORDER BY n')
  return rows.map(({ n }) => n)
}
