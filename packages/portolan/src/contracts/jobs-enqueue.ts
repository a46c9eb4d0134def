import { gate, type JobsCase, jobType, ok, refusal, same, until } from './jobs-kit.ts'

/** How jobs get in: validation, the unit of work, unique keys, batches, cancellation. */
export const enqueueCases: readonly JobsCase[] = [
  {
    name: 'an enqueued job is run with its payload and is gone then',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const seen: unknown[] = []
      jobs.work(type, {}, (payload, { id, attempt, attempts }) => {
        seen.push([payload, id, attempt, attempts])
      })
      await jobs.start()
      const id = await jobs.enqueue(type, { n: 1 })
      await until('the job has run', () => seen.length === 1)
      same(seen, [[{ n: 1 }, id, 1, 3]], 'what the handler saw')
      await until('nothing is left', async () => (await jobs.list()).length === 0)
      same(await jobs.deadLetters.count(), 0, 'dead letters')
    },
  },
  {
    name: 'a job enqueued in a unit of work is there with its commit, and not after a rollback',
    requires: 'transactions',
    async run({ open, database }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType()
      const seen: number[] = []
      jobs.work(type, {}, ({ n }) => {
        seen.push(n)
      })
      await jobs.start()
      const failed = database.run(async () => {
        await jobs.enqueue(type, { n: 1 })
        await jobs.enqueueMany(type, [{ payload: { n: 2 } }])
        throw new Error('rolled back')
      })
      await failed.catch(() => {})
      same(await jobs.runDue(), 0, 'attempts after the rollback')
      await database.run(async () => {
        await jobs.enqueue(type, { n: 3 })
        same((await jobs.list()).length, 1, 'jobs that the unit itself sees')
      })
      await jobs.runDue()
      same(seen, [3], 'what ran')
    },
    async otherwise({ open, database }) {
      const jobs = open()
      const type = jobType()
      await jobs.start()
      const id = await jobs.enqueue(type, { n: 1 }, { delay: '1h' })
      for (const act of [
        () => jobs.enqueue(type, { n: 2 }),
        () => jobs.enqueueMany(type, [{ payload: { n: 3 } }]),
        () => jobs.cancel(id!),
        () => jobs.retry(id!),
        () => jobs.pause(type.name),
        () => jobs.resume(type.name),
      ])
        await database.run(() => refusal('unsupported', act))
      same(
        (await jobs.list()).map(({ payload, state }) => [payload, state]),
        [[{ n: 1 }, 'scheduled']],
        'what is stored',
      )
    },
  },
  {
    name: 'a payload that the schema refuses is refused with the names of its fields, and nothing is stored',
    async run({ open }) {
      const jobs = open()
      await jobs.start()
      const error = await refusal('invalid_argument', () => jobs.enqueue(jobType(), { n: 1.5 }))
      same(error.details.issues, [{ path: 'n', message: 'expected a whole number' }], 'the issues')
      ok(error.message.includes('n: expected a whole number'), 'the message names the field')
      const cycle: { n: number; self?: unknown } = { n: 1 }
      cycle.self = cycle
      await refusal('invalid_argument', () => jobs.enqueue(jobType(), cycle))
      await refusal('invalid_argument', () =>
        jobs.enqueueMany(jobType(), [{ payload: { n: 1 } }, { payload: { n: 0.5 } }]),
      )
      same(await jobs.list(), [], 'stored jobs')
    },
  },
  {
    name: 'a unit of work goes on after an enqueue that was refused',
    requires: 'transactions',
    async run({ open, database }) {
      const jobs = open()
      await jobs.start()
      await database.run(async () => {
        await refusal('invalid_argument', () => jobs.enqueue(jobType(), { n: 0.1 }))
        await jobs.enqueue(jobType(), { n: 1 })
      })
      same((await jobs.list()).length, 1, 'stored jobs')
    },
  },
  {
    name: 'options that make no sense are refused',
    async run({ open }) {
      const jobs = open()
      await jobs.start()
      const enqueue = (options: Parameters<typeof jobs.enqueue>[2]) =>
        refusal('invalid_argument', () => jobs.enqueue(jobType(), { n: 1 }, options))
      await enqueue({ delay: -1 })
      await enqueue({ delay: '1s', runAt: new Date(0) })
      await enqueue({ runAt: new Date(Number.NaN) })
      await enqueue({ unique: '' })
      await enqueue({ unique: 'x'.repeat(501) })
      await enqueue({ unique: 'a\0b' })
      same(await jobs.list(), [], 'stored jobs')
    },
  },
  {
    name: 'the same unique key is stored once while its job waits or runs, for each type on its own',
    async run({ open }) {
      const jobs = open()
      const [type, other] = [jobType(), jobType({ name: 'contract-other' })]
      const running = gate()
      const finish = gate()
      jobs.work(type, {}, async () => {
        running.open()
        await finish.opened
      })
      const first = await jobs.enqueue(type, { n: 1 }, { unique: 'k' })
      ok(first !== undefined, 'the first one is stored')
      same(await jobs.enqueue(type, { n: 2 }, { unique: 'k' }), undefined, 'the id of a second one')
      ok(
        (await jobs.enqueue(other, { n: 3 }, { unique: 'k' })) !== undefined,
        'another type has its own keys',
      )
      await jobs.start()
      await running.opened
      same(
        await jobs.enqueue(type, { n: 4 }, { unique: 'k' }),
        undefined,
        'the id of one beside a running one',
      )
      finish.open()
      await until('the first one has ended', async () => (await jobs.list({ type: type.name })).length === 0)
      ok((await jobs.enqueue(type, { n: 5 }, { unique: 'k' })) !== undefined, 'the key is free again')
    },
  },
  {
    name: 'many callers at once get their own ids, in their order, also among unique ones',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType()
      const ids = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          jobs.enqueue(type, { n }, n % 3 === 0 ? { unique: `k${n % 6}` } : {}),
        ),
      )
      const stored = new Map((await jobs.list()).map(({ id, payload }) => [id, (payload as { n: number }).n]))
      ids.forEach((id, n) => {
        if (id !== undefined) same(stored.get(id), n, `the payload of job ${id}`)
      })
      same(stored.size, ids.filter(id => id !== undefined).length, 'stored jobs')
      same(stored.size, 42, 'stored jobs: 40 without a key and one of each of two keys')
    },
  },
  {
    name: 'many jobs are stored together in their order, or not at all',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType()
      await jobs.start()
      const payloads = Array.from({ length: 2_500 }, (_, n) => ({ payload: { n } }))
      const ids = await jobs.enqueueMany(type, payloads)
      same(new Set(ids).size, 2_500, 'ids')
      const stored = await jobs.list({ limit: 3_000 })
      same(
        stored.map(({ payload }) => payload),
        payloads.map(({ payload }) => payload),
        'payloads, oldest first',
      )
      same(
        stored.map(({ id }) => id),
        ids,
        'their ids',
      )
      same(await jobs.enqueueMany(type, []), [], 'the ids of none')
    },
  },
  {
    name: 'any text survives in payloads and keys',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType()
      const text = `ünï 🫖 "quoted" 'single' \\ \n \u2028 ${'x'.repeat(1_048_576)}`
      const key = `k'"; drop table 🫖`
      const payload = { n: 1, text, broken: '\ud800', nul: 'a\0b', big: 9_007_199_254_740_991, small: 5e-324 }
      const seen: unknown[] = []
      jobs.work(type, {}, given => {
        seen.push(given)
      })
      await jobs.enqueue(type, payload, { unique: key })
      same((await jobs.list())[0]?.unique, key, 'the key')
      await jobs.enqueueMany(type, [{ payload }, { payload, unique: key }, { payload }])
      // Those that differ in nothing else may be stored in another way.
      await jobs.enqueueMany(type, [{ payload }, { payload: { n: 2 } }])
      same(await jobs.runDue(), 5, 'attempts')
      same(seen, [payload, payload, payload, payload, { n: 2 }], 'the payloads')
    },
  },
  {
    name: 'any text survives in the names of groups',
    requires: 'groups',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const group = `g'"; drop table 🫖`
      await jobs.enqueue(jobType(), { n: 1 }, { group })
      same((await jobs.list())[0]?.group, group, 'the group')
      await refusal('invalid_argument', () => jobs.enqueue(jobType(), { n: 1 }, { group: 'x'.repeat(501) }))
    },
  },
  {
    name: 'cancelling joins the unit of work in progress',
    requires: 'transactions',
    async run({ open, database }) {
      const jobs = open({ mode: 'manual' })
      const id = await jobs.enqueue(jobType(), { n: 1 })
      const undone = database.run(async () => {
        same(await jobs.cancel(id!), 'cancelled', 'cancelling in a unit of work')
        throw new Error('rolled back')
      })
      await undone.catch(() => {})
      same(await jobs.cancel(id!), 'cancelled', 'cancelling after the rollback')
    },
  },
  {
    name: 'a waiting job can be cancelled',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const running = gate()
      const finish = gate()
      const seen: number[] = []
      jobs.work(type, { concurrency: 1 }, async ({ n }) => {
        seen.push(n)
        running.open()
        await finish.opened
      })
      await jobs.start()
      await jobs.enqueue(type, { n: 1 })
      await running.opened
      const second = await jobs.enqueue(type, { n: 2 }, { delay: '1h' })
      same(await jobs.cancel(second!), 'cancelled', 'cancelling what waits')
      same(await jobs.cancel(second!), 'gone', 'cancelling what is gone')
      same(await jobs.cancel('no such id'), 'gone', 'cancelling what never was')
      finish.open()
      await until('the first one has ended', async () => (await jobs.list()).length === 0)
      same(seen, [1], 'what ran')
    },
  },
  {
    name: 'tables are there before a unit of work',
    requires: 'transactions',
    async run({ open, database }) {
      await database.run(() => refusal('precondition_failed', () => open().enqueue(jobType(), { n: 1 })))
    },
  },
  {
    name: 'declarations come before the start, once each',
    async run({ open, database }) {
      const jobs = open()
      const type = jobType()
      await database.run(() => refusal('precondition_failed', () => jobs.runDue()))
      jobs.work(type, {}, () => {})
      await refusal('invalid_argument', async () => jobs.work(type, {}, () => {}))
      await refusal('invalid_argument', async () =>
        jobs.work(jobType({ name: 'x' }), { concurrency: 0 }, () => {}),
      )
      await jobs.start()
      await refusal('precondition_failed', async () => jobs.work(jobType({ name: 'y' }), {}, () => {}))
      await refusal('precondition_failed', async () =>
        jobs.schedule('s', { cron: '* * * * *' }, type, { n: 1 }),
      )
      await refusal('precondition_failed', () => jobs.runDue())
      await jobs.stop()
      await jobs.stop()
      same((await jobs.health()).status, 'down', 'the health of what was stopped')
    },
  },
]
