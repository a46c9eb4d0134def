import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import {
  gate,
  haltingClock,
  type JobsCase,
  jobType,
  ok,
  refusal,
  same,
  standingClock,
  until,
} from './jobs-kit.ts'

/** What holds when workers stop, hang or lose their lease; and completion inside of the handler's transaction. */
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
    name: 'when a worker goes silent past its lease, others do its jobs; it can neither complete nor settle them then',
    requires: 'transactions',
    async run({ open, database }) {
      await database.execute('CREATE TABLE effect (worker TEXT NOT NULL)')
      const type = jobType()
      const silent = haltingClock()
      const [stuck, healthy] = [open({ lease: 300, clock: silent }), open({ lease: '30s', poll: 20 })]
      const goOn = gate()
      const refused = gate()
      const told = gate()
      let begun = 0
      stuck.work(type, {}, async ({ n }, { complete, signal }) => {
        begun++
        if (n === 2) {
          signal.addEventListener('abort', () => {
            if (InfrastructureError.is(signal.reason, 'cancelled')) told.open()
          })
          return told.opened
        }
        await goOn.opened
        const swallowed = database.run(async () => {
          await database.execute("INSERT INTO effect (worker) VALUES ('stuck')")
          // Swallowing the refusal must not commit the effect.
          await complete().catch(() => {})
        })
        await swallowed.catch(() => refused.open())
      })
      await stuck.start()
      await stuck.enqueue(type, { n: 1 })
      await stuck.enqueue(type, { n: 2 })
      await until('both have begun', () => begun === 2)
      silent.halt()

      const attempts: number[] = []
      healthy.work(type, {}, async (_, { attempt, complete }) => {
        attempts.push(attempt)
        await database.run(async () => {
          await database.execute("INSERT INTO effect (worker) VALUES ('healthy')")
          await complete()
        })
      })
      await healthy.start()
      await until('the other one has done them', async () => (await healthy.list()).length === 0)
      goOn.open()
      await refused.opened
      silent.resume()
      await told.opened
      same(attempts, [2, 2], 'the attempts of the other one')
      const effects = await database.query<{ worker: string }>('SELECT worker FROM effect')
      same(
        effects.map(({ worker }) => worker),
        ['healthy', 'healthy'],
        'effects',
      )
    },
  },
  {
    name: 'what becomes of a job is what the worker says that holds it, not one that was silent past its lease',
    async run({ open }) {
      const type = jobType({ keep: '1h' })
      const silent = haltingClock()
      const [stuck, healthy] = [open({ lease: 300, clock: silent }), open({ lease: '30s', poll: 20 })]
      const [begun, goOn] = [gate(), gate()]
      const ended: string[] = []
      stuck.work(type, {}, async () => {
        begun.open()
        await goOn.opened
        ended.push('stuck')
        return 'stuck'
      })
      await stuck.start()
      const id = await stuck.enqueue(type, { n: 1 })
      await begun.opened
      silent.halt()
      healthy.work(type, {}, async () => {
        goOn.open()
        await until('the first worker has ended', () => ended.length === 1)
        // For the settlement of the first one.
        await systemClock.sleep(50)
        same((await healthy.find(id!))?.state, 'running', 'the state once the first worker has ended')
        return 'healthy'
      })
      await healthy.start()
      await until('it is done', async () => (await healthy.find(id!))?.state === 'done')
      const { attempt, result } = (await healthy.find(id!))!
      same([attempt, result], [2, 'healthy'], 'the attempt, and its result')
      silent.resume()
    },
  },
  {
    name: 'a worker that lost its lease goes on with a new one',
    async run({ open }) {
      const type = jobType()
      const silent = haltingClock()
      const stuck = open({ lease: 300, clock: silent })
      let done = 0
      stuck.work(type, {}, () => {
        done++
      })
      await stuck.start()
      await stuck.enqueue(type, { n: 1 })
      await until('it has begun', () => done === 1)
      silent.halt()
      const other = open({ poll: 20 })
      other.work(jobType({ name: 'contract-other' }), {}, () => {})
      await other.start()
      await systemClock.sleep(500)
      await stuck.enqueue(type, { n: 2 })
      silent.resume()
      await until('it goes on', async () => done >= 2 && (await other.list()).length === 0)
    },
  },
  {
    name: 'a clock that is set forward takes no job from the worker that runs it',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2010-12-01T09:00:00Z')
      const jobs = open({ clock, poll: 5 })
      const type = jobType()
      const attempts: number[] = []
      let told = false
      jobs.work(type, {}, async (_, { attempt, signal }) => {
        attempts.push(attempt)
        clock.move('2010-12-01T17:00:00Z')
        // For several looks at who is gone.
        await systemClock.sleep(60)
        told ||= signal.aborted
      })
      await jobs.start()
      await jobs.enqueue(type, { n: 1 })
      await until('it is done', async () => attempts.length > 0 && (await jobs.list()).length === 0)
      same([attempts, told], [[1], false], 'attempts, and whether one was told to stop')
    },
  },
  {
    name: 'a job that is in hand whenever its worker is lost ends as a dead letter',
    async run({ open }) {
      const type = jobType({ attempts: 2 })
      let begun = 0
      const resumptions: (() => void)[] = []
      for (let lost = 1; lost <= 2; lost++) {
        const clock = haltingClock()
        const doomed = open({ lease: 300, poll: 20, clock })
        doomed.work(type, {}, async () => {
          begun++
          clock.halt()
          await gate().opened
        })
        if (lost === 1) await doomed.enqueue(type, { n: 1 })
        await doomed.start()
        await until('it has begun', () => begun === lost)
        resumptions.push(clock.resume)
      }
      const last = open({ poll: 20 })
      let handled = 0
      last.work(type, {}, () => {
        handled++
      })
      await last.start()
      await until('it is dead', async () => (await last.deadLetters.count()) === 1)
      const [letter] = await last.deadLetters.list()
      same([handled, letter?.attempts], [0, 2], 'further calls, and its attempts')
      ok(letter!.reason.includes('lost during attempt 2'), 'the reason says so')
      for (const resume of resumptions) resume()
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
