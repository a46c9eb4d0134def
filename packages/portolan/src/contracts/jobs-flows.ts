import { systemClock } from '../runtime/clock.ts'
import { type JobsCase, jobType, refusal, same, until } from './jobs-kit.ts'

const [part, whole] = [jobType({ name: 'contract-part', attempts: 1 }), jobType({ name: 'contract-whole' })]

/** Jobs that wait for others. */
export const flowCases: readonly JobsCase[] = [
  {
    name: 'a job that comes after others begins when the last of them has ended, once, whoever does them',
    requires: 'flows',
    async otherwise({ open }) {
      const jobs = open({ mode: 'manual' })
      const id = await jobs.enqueue(part, { n: 1 })
      await refusal('unsupported', () => jobs.enqueue(whole, { n: 1 }, { after: [id!] }))
      same((await jobs.list()).length, 1, 'stored jobs')
    },
    async run({ open, database }) {
      const seen: string[] = []
      const workers = [open({ poll: 20 }), open({ poll: 20 })]
      for (const jobs of workers) {
        jobs.work(part, { concurrency: 8 }, async ({ n }, { complete }) => {
          await systemClock.sleep(n % 4)
          seen.push('part')
          if (n % 2 === 0) await database.run(() => complete())
        })
        jobs.work(whole, {}, ({ n }) => {
          seen.push(`whole ${n}`)
        })
        await jobs.start()
      }
      const [jobs] = workers
      await database.run(async () => {
        const ids = await jobs!.enqueueMany(
          part,
          Array.from({ length: 40 }, (_, n) => ({ payload: { n } })),
        )
        const first = await jobs!.enqueue(whole, { n: 1 }, { after: ids as string[] })
        await jobs!.enqueue(whole, { n: 2 }, { after: [first!] })
        const parked = await jobs!.list({ state: 'parked' })
        same(
          parked.map(({ payload }) => payload),
          [{ n: 1 }, { n: 2 }],
          'jobs that wait for others',
        )
      })
      await until('all have run', () => seen.length >= 42)
      await until('nothing is left', async () => (await jobs!.list()).length === 0)
      same([seen.length, seen.slice(40)], [42, ['whole 1', 'whole 2']], 'jobs, and the last of them')
      same(await database.query('select parent_id from portolan_job_flow'), [], 'counts that are left')
    },
  },
  {
    name: 'a dead job holds up the one that waits for it, until it is replayed or discarded; a cancelled one does not',
    requires: 'flows',
    async run({ open, database }) {
      const jobs = open({ mode: 'manual' })
      const seen: number[] = []
      let broken = true
      jobs.work(part, {}, () => {
        if (broken) throw new Error('broken')
      })
      jobs.work(whole, {}, ({ n }) => {
        seen.push(n)
      })
      await jobs.start()
      const flow = (n: number) =>
        database.run(async () => {
          const id = await jobs.enqueue(part, { n })
          await jobs.enqueue(whole, { n }, { after: [id!] })
          return id!
        })
      const replayed = await flow(1)
      const discarded = await flow(2)
      await jobs.runDue()
      same([seen, (await jobs.status()).parked], [[], 2], 'what ran, and what waits')
      broken = false
      await jobs.deadLetters.replay(replayed)
      await jobs.runDue()
      same(seen, [1], 'what ran after the replay')
      await jobs.deadLetters.discard(discarded)
      await jobs.runDue()
      same(seen, [1, 2], 'what ran after the discarding')
      const cancelled = await flow(3)
      await jobs.cancel(cancelled)
      await flow(4)
      const [waiting] = await jobs.list({ state: 'parked' })
      same(
        [waiting?.payload, await jobs.cancel(waiting!.id)],
        [{ n: 4 }, 'cancelled'],
        'one that waits is cancelled',
      )
      await jobs.runDue()
      same([seen, (await jobs.list()).length], [[1, 2, 3], 0], 'what ran, and what is left')
    },
  },
  {
    name: 'what cannot be waited for is refused, and nothing of the unit is stored',
    requires: 'flows',
    async run({ open, database }) {
      const jobs = open({ mode: 'manual' })
      await jobs.start()
      const id = await jobs.enqueue(part, { n: 1 })
      await jobs.enqueue(whole, { n: 1 }, { after: [id!] })
      await refusal('conflict', () => jobs.enqueue(whole, { n: 2 }, { after: [id!] }))
      await refusal('conflict', () => jobs.enqueue(whole, { n: 2 }, { after: ['999999'] }))
      await refusal('invalid_argument', () => jobs.enqueue(whole, { n: 2 }, { after: ['x'] }))
      const unit = database.run(async () => {
        await jobs.enqueue(part, { n: 3 })
        await jobs.enqueue(whole, { n: 3 }, { after: [id!] })
      })
      await unit.catch(() => {})
      same((await jobs.list()).length, 2, 'stored jobs')
    },
  },
]
