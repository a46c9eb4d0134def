import type { JobService } from '../jobs/job-service.ts'
import { systemClock } from '../runtime/clock.ts'
import {
  type JobsCase,
  type JobsHarness,
  jobType,
  ok,
  refusal,
  same,
  standingClock,
  until,
} from './jobs-kit.ts'

/** Jobs at the times of a cron expression. */
export const scheduleCases: readonly JobsCase[] = [
  {
    name: 'a schedule fires at its times with the time in the payload, once among several processes',
    async run({ open }) {
      const type = jobType({ schema: anything })
      const seen: string[] = []
      const startedAt = systemClock.now()
      for (let i = 0; i < 3; i++) {
        const jobs = open()
        jobs.work(type, {}, payload => {
          seen.push((payload as unknown as { scheduledFor: string }).scheduledFor)
        })
        jobs.schedule('every-second', { cron: '* * * * * *' }, type)
        await jobs.start()
      }
      await until('it has fired twice', () => seen.length >= 2)
      same(new Set(seen).size, seen.length, 'different times')
      ok(
        seen.every(time => Date.parse(time) % 1000 === 0),
        'each is a whole second',
      )
      ok(
        seen.every(time => Date.parse(time) > startedAt - 1_500),
        'each lies after the start',
      )
    },
  },
  {
    name: 'a wrong expression, time zone, policy or payload is refused when it is declared or at the start',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const declare = (options: Parameters<JobService['schedule']>[1], name = 's') =>
        refusal('invalid_argument', async () => jobs.schedule(name, options, type, { n: 1 }))
      await declare({ cron: 'every day' })
      await declare({ cron: '61 * * * *' })
      await declare({ cron: '* * * *' })
      await declare({ cron: '0 0 30 2 *' })
      await declare({ cron: '* * * * *', timeZone: 'Europe/Atlantis' })
      await declare({ cron: '* * * * *', missed: 'twice' as 'once' })
      await declare({ cron: '* * * * *' }, ' ')
      jobs.schedule('taken', { cron: '* * * * *' }, type, { n: 1 })
      await declare({ cron: '* * * * *' }, 'taken')
      jobs.schedule('no-payload', { cron: '* * * * *' }, type)
      const error = await refusal('invalid_argument', () => jobs.start())
      ok(error.message.includes(type.name), 'the error names the job')
    },
  },
  {
    name: 'what was missed while nobody was there is skipped, run once, or made up for',
    requires: 'simulatedTime',
    async run(harness) {
      same(await afterAbsence(harness, 'skip'), [], 'skip')
      same(await afterAbsence(harness, 'once'), ['2026-01-01T14:00:00.000Z'], 'once')
      const all = [
        '2026-01-01T11:00:00.000Z',
        '2026-01-01T12:00:00.000Z',
        '2026-01-01T13:00:00.000Z',
        '2026-01-01T14:00:00.000Z',
      ]
      same(await afterAbsence(harness, 'all'), all, 'all')
    },
  },
  {
    name: 'a run that is merely a little late is not missed, and none is fired again when the clock is set back',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:30:00Z')
      const jobs = open({ mode: 'manual', clock })
      const times = scheduled(jobs, 'skip')
      await jobs.runDue()
      clock.move('2026-01-01T11:00:03Z')
      await jobs.runDue()
      clock.move('2026-01-01T10:59:58Z')
      await jobs.runDue()
      clock.move('2026-01-01T11:00:01Z')
      await jobs.runDue()
      same(times, ['2026-01-01T11:00:00.000Z'], 'the runs')
    },
  },
]

const anything = {
  '~standard': {
    version: 1,
    vendor: 'portolan-contract',
    validate: (value: unknown) => ({ value: value as { n: number } }),
  },
} as const

/** Declares an hourly schedule; the times of its runs appear in the list. */
function scheduled(jobs: JobService, missed: 'skip' | 'once' | 'all'): string[] {
  const times: string[] = []
  const type = jobType({ name: `contract-${missed}`, schema: anything })
  jobs.work(type, { concurrency: 1 }, payload => {
    times.push((payload as unknown as { scheduledFor: string }).scheduledFor)
  })
  jobs.schedule(`hourly-${missed}`, { cron: '0 * * * *', missed }, type)
  return times
}

/** The runs of an hourly schedule that was declared at 10:30, once somebody is there again at 14:30. */
async function afterAbsence({ open }: JobsHarness, missed: 'skip' | 'once' | 'all'): Promise<string[]> {
  const before = open({ mode: 'manual', clock: standingClock('2026-01-01T10:30:00Z') })
  same([await before.runDue(), scheduled(before, missed)], [0, []], 'runs before the declaration')
  await before.runDue()
  await before.stop()
  const clock = standingClock('2026-01-01T14:30:00Z')
  const after = open({ mode: 'manual', clock })
  const times = scheduled(after, missed)
  await after.runDue()
  await after.runDue()
  return times
}
