import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { gate, type JobsCase, jobType, refusal, same, until } from './jobs-kit.ts'

/** What holds when workers stop, and completion inside of the handler's transaction. */
export const workerCases: readonly JobsCase[] = [
  {
    name: 'completion commits with what the handler wrote, or with neither',
    requires: 'transactions',
    async otherwise({ open, database }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType()
      jobs.work(type, {}, async (_, { complete }) => {
        await refusal('unsupported', () => complete())
        await database.run(() => refusal('unsupported', () => complete()))
      })
      await jobs.enqueue(type, { n: 1 })
      same(await jobs.runDue(), 1, 'attempts')
      same([(await jobs.list()).length, await jobs.deadLetters.count()], [0, 0], 'jobs and dead letters')
    },
    async run({ open, database }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType({ backoff: { from: 0, to: 0 } })
      await database.execute('CREATE TABLE effect (attempt INTEGER NOT NULL)')
      jobs.work(type, {}, async (_, { attempt, complete }) => {
        await database.run(async () => {
          await database.execute('INSERT INTO effect (attempt) VALUES (?)', [attempt])
          await complete()
          if (attempt === 1) throw new Error('rolled back')
        })
        // The job is done; nothing can undo that any more.
        throw new Error('too late')
      })
      await jobs.enqueue(type, { n: 1 })
      same(await jobs.runDue(), 2, 'attempts')
      same(await database.query('SELECT attempt FROM effect'), [{ attempt: 2 }], 'effects')
      same([(await jobs.list()).length, await jobs.deadLetters.count()], [0, 0], 'jobs and dead letters')
    },
  },
  {
    name: 'completion lets the next of the group run, and is refused the second time',
    requires: 'transactions',
    async run({ open, database }) {
      const jobs = open()
      const type = jobType()
      const seen: number[] = []
      jobs.work(type, {}, async ({ n }, { complete }) => {
        await database.run(complete)
        seen.push(n)
        await refusal('conflict', () => database.run(complete))
      })
      await jobs.start()
      for (let n = 0; n < 10; n++) await jobs.enqueue(type, { n }, { group: 'g' })
      await until('all have run', () => seen.length === 10)
      same(
        seen,
        seen.toSorted((a, b) => a - b),
        'the order',
      )
    },
  },
  {
    name: 'draining gives back what was not begun, waits for what runs, and takes nothing new',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const began = gate()
      const finish = gate()
      let ended = 0
      jobs.work(type, { concurrency: 2 }, async ({ n }) => {
        if (n < 100) return
        began.open()
        await finish.opened
        ended++
      })
      // Quick ones first, so that the worker claims ahead.
      await jobs.enqueueMany(
        type,
        Array.from({ length: 400 }, (_, n) => ({ payload: { n: n < 100 ? n : 100 } })),
      )
      await jobs.start()
      await began.opened
      await until('two run', async () => (await jobs.status()).running >= 2)
      const drained = jobs.drain(new AbortController().signal)
      await until('the others were given back', async () => (await jobs.status()).running === 2)
      finish.open()
      await drained
      same([ended, (await jobs.status()).running], [2, 0], 'ended and running jobs')
      const left = await jobs.list({ limit: 1_000 })
      same(
        [left.length, left.filter(({ attempt }) => attempt > 0).length],
        [298, 0],
        'what is left, and what of it counts as tried',
      )
    },
  },
  {
    name: 'when the time for draining is up, signals abort and their jobs are given back as if they had not been begun',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const reasons: unknown[] = []
      let begun = 0
      jobs.work(type, {}, async ({ n }, { signal }) => {
        begun++
        // One is well-behaved, one is deaf, one still manages to finish.
        if (n === 0) await systemClock.sleep(60_000, signal)
        if (n === 1) await gate().opened
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
        reasons.push(InfrastructureError.is(signal.reason, 'cancelled'))
      })
      await jobs.start()
      for (let n = 0; n < 3; n++) await jobs.enqueue(type, { n })
      await until('all have begun', () => begun === 3)
      const time = new AbortController()
      const drained = jobs.drain(time.signal)
      time.abort()
      await drained
      await jobs.stop()
      same(reasons, [true], 'whether the signal said why')
      const left = await open({ mode: 'manual' }).list()
      same(
        left.map(({ payload, state, attempt }) => [payload, state, attempt]),
        [
          [{ n: 0 }, 'waiting', 0],
          [{ n: 1 }, 'waiting', 0],
        ],
        'what is left',
      )
    },
  },
  {
    name: 'what one process commits, another one finds soon, also without polling',
    async run({ open }) {
      const [front, back] = [open(), open({ poll: '30s' })]
      const type = jobType()
      const seen: number[] = []
      back.work(type, {}, ({ n }) => {
        seen.push(n)
      })
      await Promise.all([front.start(), back.start()])
      await systemClock.sleep(30)
      await front.enqueue(type, { n: 1 })
      await until('it has run', () => seen.length === 1)
    },
  },
]
