import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { haltingClock } from './halting-clock.ts'
import { gate, type JobsCase, type JobsHarness, jobType, ok, same, standingClock, until } from './jobs-kit.ts'

/** What holds when workers hang or lose their lease, and others do their jobs. */
export const leaseCases: readonly JobsCase[] = [
  {
    name: 'when a worker goes silent past its lease, others do its jobs; it can neither complete nor settle them then',
    requires: 'transactions',
    async run({ open, database }) {
      await database.execute('CREATE TABLE effect (worker TEXT NOT NULL)')
      const type = jobType()
      using silent = haltingClock()
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
      using silent = haltingClock()
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
    },
  },
  {
    name: 'a worker that lost its lease goes on with a new one',
    async run({ open }) {
      const type = jobType()
      using silent = haltingClock()
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
      using clocks = new DisposableStack()
      for (let lost = 1; lost <= 2; lost++) {
        const clock = clocks.use(haltingClock())
        const doomed = open({ lease: 300, poll: 20, clock })
        doomed.work(type, {}, async () => {
          begun++
          clock.halt()
          await gate().opened
        })
        if (lost === 1) await doomed.enqueue(type, { n: 1 })
        await doomed.start()
        await until('it has begun', () => begun === lost)
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
    },
  },
  {
    name: 'many that look for lost workers at once free each job once',
    run: harness => freedOnce(harness, false),
  },
  {
    name: 'many that look for lost workers at once free each job of a group once',
    requires: 'groups',
    run: harness => freedOnce(harness, true),
  },
]

async function freedOnce({ open }: JobsHarness, grouped: boolean): Promise<void> {
  const type = jobType({ attempts: 3 })
  using clock = haltingClock()
  const doomed = open({ clock, lease: 300 })
  let begun = 0
  doomed.work(type, { concurrency: 12 }, async () => {
    begun++
    await gate().opened
  })
  await doomed.enqueueMany(
    type,
    Array.from({ length: 12 }, (_, n) => ({ payload: { n }, ...(grouped && { group: `g${n}` }) })),
  )
  await doomed.start()
  await until('all have begun', () => begun === 12)
  clock.halt()
  const attempts = new Map<number, number[]>()
  const rescuers = Array.from({ length: 5 }, () => open({ poll: 5 }))
  for (const jobs of rescuers) {
    jobs.work(type, {}, ({ n }, { attempt }) => {
      attempts.set(n, [...(attempts.get(n) ?? []), attempt])
    })
  }
  await Promise.all(rescuers.map(jobs => jobs.start()))
  await until('all are done', async () => (await rescuers[0]!.list()).length === 0)
  same(attempts.size, 12, 'jobs that were done')
  same(
    [...attempts.values()].filter(list => list.join() !== '2'),
    [],
    'other attempts than one, the second',
  )
}
