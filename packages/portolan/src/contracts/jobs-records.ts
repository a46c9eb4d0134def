import type { JobRecord } from '../jobs/inspection.ts'
import { gate, type JobsCase, jobType, ok, refusal, same, standingClock, until } from './jobs-kit.ts'

/** What is known of single jobs: progress while they run, results when they have ended, older payloads. */
export const recordCases: readonly JobsCase[] = [
  {
    name: 'another process sees how far a job is, and its result when it has ended',
    async run({ open }) {
      const [worker, watcher] = [open(), open()]
      const type = jobType({ keep: '1h' })
      const steps = [gate(), gate()]
      worker.work(type, {}, async ({ n }, { progress }) => {
        await progress({ percent: 10 })
        await steps[0]!.opened
        await progress({ percent: 90 })
        await steps[1]!.opened
        return { total: n * 2 }
      })
      await worker.start()
      const id = await worker.enqueue(type, { n: 21 })
      const seen: JobRecord[] = []
      for await (const record of watcher.watch(id!, { every: 2 })) {
        seen.push(record)
        const { percent } = (record.progress ?? {}) as { percent?: number }
        if (percent === 10) steps[0]!.open()
        if (percent === 90) steps[1]!.open()
      }
      const last = seen.at(-1)!
      same(
        [last.state, last.attempt, last.progress, last.result, last.payload],
        ['done', 1, { percent: 90 }, { total: 42 }, { n: 21 }],
        'the end',
      )
      ok(
        seen.some(({ state, progress }) => state === 'running' && progress !== undefined),
        'it was seen to run',
      )
      same(await watcher.find('no such id'), undefined, 'what never was')
      for await (const _ of watcher.watch('no such id')) throw new Error('It never was.')
    },
  },
  {
    name: 'ended jobs are found while their type keeps them, and then no more; of others nothing is kept',
    requires: 'simulatedTime',
    async run({ open, database }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const jobs = open({ mode: 'manual', clock })
      const [kept, plain] = [jobType({ keep: '1h', attempts: 1 }), jobType({ name: 'contract-plain' })]
      jobs.work(kept, {}, async ({ n }, { complete, progress }) => {
        await progress(n)
        if (n === 2) await database.run(() => complete('by hand'))
        if (n === 3) throw new Error('broken')
      })
      jobs.work(plain, {}, async (_, { progress }) => {
        await progress('half')
        return 'nobody keeps it'
      })
      const ids = await jobs.enqueueMany(
        kept,
        [1, 2, 3].map(n => ({ payload: { n } })),
      )
      const other = await jobs.enqueue(plain, { n: 4 })
      await jobs.runDue()
      const records = await Promise.all([...ids, other].map(id => jobs.find(id!)))
      same(
        records.map(record => record && [record.state, record.progress ?? null, record.result ?? null]),
        [['done', 1, null], ['done', 2, 'by hand'], ['dead', null, null], undefined],
        'states, progress and results',
      )
      same(records[2]?.lastError, 'broken', 'the error of the dead one')
      const left = await database.query('select job_id from portolan_job_progress')
      same(left, [], 'progress that is left')
      await refusal('conflict', () => jobs.retry(ids[0]!))
      clock.move('2026-01-01T11:00:01Z')
      same(await jobs.find(ids[0]!), undefined, 'what was kept long enough')
      const later = open({ mode: 'manual', clock })
      later.work(kept, {}, () => {})
      await later.runDue()
      same(await database.query('select id from portolan_job_ended'), [], 'what is still stored')
    },
  },
  {
    name: 'what has ended is found with its result where its type keeps it, or as a dead letter; of others nothing is kept',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const [kept, plain] = [jobType({ keep: '1h', attempts: 1 }), jobType({ name: 'contract-plain' })]
      jobs.work(kept, {}, async ({ n }, { progress }) => {
        await progress(0)
        if (n === 2) throw new Error('broken')
        return { n }
      })
      jobs.work(plain, {}, () => 'nobody keeps it')
      const [done, dead] = await jobs.enqueueMany(
        kept,
        [1, 2].map(n => ({ payload: { n } })),
      )
      const other = await jobs.enqueue(plain, { n: 3 })
      await jobs.runDue()
      const records = await Promise.all([done, dead, other].map(id => jobs.find(id!)))
      same(
        records.map(record => record && [record.state, record.progress ?? null, record.result ?? null]),
        [['done', 0, { n: 1 }], ['dead', null, null], undefined],
        'states, progress and results',
      )
      same([records[0]?.attempt, records[0]?.payload], [1, { n: 1 }], 'attempt and payload')
      same(records[1]?.lastError, 'broken', 'the error of the dead one')
      await refusal('conflict', () => jobs.retry(done!))
      await refusal('not_found', () => jobs.retry(other!))
    },
  },
  {
    name: 'a cancelled job of a type that is kept is found as cancelled, and a result that is no JSON fails the attempt',
    async run({ open }) {
      const jobs = open({ poll: 10 })
      const type = jobType({ keep: '1h', attempts: 1 })
      jobs.work(type, {}, async ({ n }, { signal }) => {
        if (n === 1) return 10n
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
        return undefined
      })
      await jobs.start()
      const [strange, stopped] = await jobs.enqueueMany(
        type,
        [1, 2].map(n => ({ payload: { n } })),
      )
      await until('one is dead', async () => (await jobs.find(strange!))?.state === 'dead')
      ok((await jobs.find(strange!))!.lastError!.includes('is no JSON'), 'the reason')
      await until('one runs', async () => (await jobs.find(stopped!))?.state === 'running')
      await jobs.cancel(stopped!)
      await until('it is cancelled', async () => (await jobs.find(stopped!))?.state === 'cancelled')
    },
  },
  {
    name: 'a payload of an older version is lifted, and one that cannot be is a dead letter that says why',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      await jobs.enqueue(jobType(), { n: 1 })
      const lifted = jobType({ version: 3, upcasters: { 1: lift, 2: lift } })
      const stuck = jobType({ name: 'contract-stuck', version: 3, upcasters: { 2: lift } })
      const seen: unknown[] = []
      await jobs.enqueue(jobType({ name: stuck.name }), { n: 5 })
      await jobs.enqueue(jobType({ name: stuck.name, version: 4 }), { n: 6 })
      for (const type of [lifted, stuck]) {
        jobs.work(type, {}, ({ n }) => {
          seen.push(n)
        })
      }
      await jobs.enqueue(lifted, { n: 100 })
      await jobs.runDue()
      same(seen, [21, 100], 'what the handlers saw')
      const letters = await jobs.deadLetters.list()
      letters.sort((a, b) => (a.payload as { n: number }).n - (b.payload as { n: number }).n)
      same(
        letters.map(({ payload, attempts }) => [payload, attempts]),
        [
          [{ n: 5 }, 1],
          [{ n: 6 }, 1],
        ],
        'dead letters',
      )
      ok(letters[0]!.reason.includes('no upcaster from version 1'), 'the first reason')
      ok(letters[1]!.reason.includes('Version 4 is newer than 3'), 'the second reason')
      const mended = open({ mode: 'manual' })
      mended.work({ ...stuck, version: 4, upcasters: { 1: lift, 2: lift, 3: lift } }, {}, ({ n }) => {
        seen.push(n)
      })
      await mended.deadLetters.replayAll()
      await mended.runDue()
      same(seen, [21, 100, 341, 6], 'what the handlers saw after the replay: versions survive among the dead')
    },
  },
]

function lift(payload: unknown): unknown {
  const { n } = payload as { readonly n: number }
  return { n: n * 4 + 1 }
}
