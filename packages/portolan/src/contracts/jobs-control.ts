import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { haltingClock } from './halting-clock.ts'
import { gate, type JobsCase, jobType, same, until } from './jobs-kit.ts'

/** What people do about jobs while they wait and run, from any process. */
export const controlCases: readonly JobsCase[] = [
  {
    name: 'a running job is cancelled from another process: its signal aborts, and it is not tried again whatever its handler does',
    async run({ open }) {
      const [worker, operator] = [open({ poll: 10 }), open()]
      const type = jobType()
      const reasons: unknown[] = []
      worker.work(type, { concurrency: 3 }, async ({ n }, { signal }) => {
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
        reasons.push(InfrastructureError.is(signal.reason, 'cancelled'))
        if (n === 1) throw signal.reason
      })
      await worker.start()
      const ids = await worker.enqueueMany(
        type,
        [1, 2, 3].map(n => ({ payload: { n } })),
      )
      await until('they run', async () => (await operator.status()).running === 3)
      same(
        [await operator.cancel(ids[0]!), await operator.cancel(ids[1]!)],
        ['stopping', 'stopping'],
        'the cancellations',
      )
      await until('they are gone', async () => (await operator.list()).length === 1)
      same(
        [(await operator.list())[0]?.id, reasons, await operator.deadLetters.count()],
        [ids[2], [true, true], 0],
        'what is left, whether the signals said why, and dead letters',
      )
      same(await operator.cancel(ids[0]!), 'gone', 'cancelling what is gone')
      await operator.cancel(ids[2]!)
      await until('the last one is gone', async () => (await operator.list()).length === 0)
    },
  },
  {
    name: 'cancelling a running job joins the unit of work in progress',
    requires: 'transactions',
    async run({ open, database }) {
      const [worker, operator] = [open({ poll: 10 }), open()]
      const type = jobType()
      const [begun, finish] = [gate(), gate()]
      let told = false
      worker.work(type, {}, async (_, { signal }) => {
        begun.open()
        await finish.opened
        told = signal.aborted
      })
      await worker.start()
      const id = await worker.enqueue(type, { n: 1 })
      await begun.opened
      const undone = database.run(async () => {
        await operator.cancel(id!)
        throw new Error('rolled back')
      })
      await undone.catch(() => {})
      // For several looks at what was cancelled.
      await systemClock.sleep(60)
      finish.open()
      await until('it has ended', async () => (await operator.list()).length === 0)
      same(told, false, 'whether its signal has aborted')
    },
  },
  {
    name: 'a job that was cancelled while it ran is not done again when its worker is lost',
    async run({ open }) {
      using silent = haltingClock()
      const type = jobType()
      const [stuck, operator] = [open({ lease: 300, clock: silent }), open()]
      const begun = gate()
      stuck.work(type, {}, async () => {
        begun.open()
        await gate().opened
      })
      await stuck.start()
      const id = await stuck.enqueue(type, { n: 1 })
      await begun.opened
      silent.halt()
      same(await operator.cancel(id!), 'stopping', 'the cancellation')
      const healthy = open({ poll: 10 })
      let ran = 0
      healthy.work(type, {}, (_, { signal }) => {
        if (!signal.aborted) ran++
      })
      healthy.work(jobType({ name: 'contract-other' }), {}, () => {})
      await healthy.pause(type.name)
      await healthy.start()
      await until('it is gone', async () => (await operator.list()).length === 0)
      same(ran, 0, 'further attempts')
    },
  },
  {
    name: 'a type that was paused is not begun by any process until it is resumed; others go on',
    async run({ open }) {
      const [type, other] = [jobType(), jobType({ name: 'contract-other' })]
      const operator = open()
      await operator.pause(type.name)
      await operator.pause(type.name)
      let [paused, others] = [0, 0]
      const workers = [open({ poll: 10 }), open({ poll: 10 })]
      for (const jobs of workers) {
        jobs.work(type, {}, () => {
          paused++
        })
        jobs.work(other, {}, () => {
          others++
        })
        await jobs.start()
      }
      await operator.enqueue(type, { n: 1 })
      for (let n = 0; n < 10; n++) await operator.enqueue(other, { n })
      await until('the others have run', () => others === 10)
      same(
        (await operator.status()).types.find(({ paused }) => paused)?.waiting,
        1,
        'jobs that wait, and are seen to be paused',
      )
      same(paused, 0, 'jobs of the paused type that ran')
      await operator.resume(type.name)
      await until('it has run', () => paused === 1)
      same(
        (await operator.status()).types.some(({ paused }) => paused),
        false,
        'whether something is paused',
      )
      const manual = open({ mode: 'manual' })
      manual.work(type, {}, () => {
        paused++
      })
      await operator.pause(type.name)
      for (const jobs of workers) await jobs.stop()
      await operator.enqueue(type, { n: 1 })
      same(await manual.runDue(), 0, 'attempts in test mode while it is paused')
      await operator.resume(type.name)
      same(await manual.runDue(), 1, 'attempts once it is resumed')
    },
  },
]
