import type { JobService } from '../jobs/job-service.ts'
import type { Clock } from '../ports/time.ts'
import { systemClock } from '../runtime/clock.ts'
import { haltingClock } from './halting-clock.ts'
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
    name: 'across a change of the clocks, a fixed time of day is enqueued once, and what was missed meanwhile by its policy',
    requires: 'simulatedTime',
    async run({ open }) {
      // London: 01:00 GMT becomes 02:00 BST on 29 March 2026, and 02:00 BST becomes 01:00 GMT on 25 October.
      for (const [name, day, runs] of [
        ['gap', '2026-03-29', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']],
        ['overlap', '2026-10-25', ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']],
      ] as const) {
        const clock = standingClock(`${day}T00:00:00Z`)
        const services = [open({ mode: 'manual', clock }), open({ mode: 'manual', clock })]
        const times = services.map(jobs =>
          scheduled(jobs, 'once', { name, cron: '30 1 * * *', timeZone: 'Europe/London' }),
        )
        for (let quarter = 0; quarter < 4 * 28; quarter++) {
          for (const jobs of services) await jobs.runDue()
          clock.advance('15m')
        }
        same(times.flat().toSorted(), runs, `the runs around the ${name}`)
        const late = standingClock(`${day}T00:00:00Z`)
        const before = open({ mode: 'manual', clock: late })
        const all = { name: `${name}-all`, cron: '30 1 * * *', timeZone: 'Europe/London' }
        scheduled(before, 'all', all)
        await before.runDue()
        await before.stop()
        late.advance('28h')
        const after = open({ mode: 'manual', clock: late })
        const made = scheduled(after, 'all', all)
        await after.runDue()
        same(made, runs, `the runs that were made up for after the ${name}`)
      }
    },
  },
  {
    name: 'a process that stood still does not fire again what others have fired',
    async run({ open }) {
      using clock = haltingClock()
      const type = jobType({ schema: anything })
      const seen: string[] = []
      const start = async (given?: Clock) => {
        const jobs = open({ poll: 20, ...(given && { clock: given }) })
        jobs.work(type, {}, payload => {
          seen.push((payload as unknown as { scheduledFor: string }).scheduledFor)
        })
        jobs.schedule('every-second', { cron: '* * * * * *', missed: 'all' }, type)
        await jobs.start()
      }
      await start(clock)
      await start()
      await until('it has fired', () => seen.length >= 1)
      clock.halt()
      const before = seen.length
      await until('the other one fires', () => seen.length >= before + 2)
      clock.resume()
      const then = seen.length
      await until('it fires on', () => seen.length >= then + 1)
      same(new Set(seen).size, seen.length, 'different times')
    },
  },
  {
    name: 'a schedule that is declared no longer can be forgotten; one that is declared again begins anew',
    async run({ open }) {
      const type = jobType()
      const declare = async () => {
        const jobs = open({ mode: 'manual' })
        jobs.schedule('yearly', { cron: '0 0 1 1 *' }, type, { n: 1 })
        await jobs.start()
        return jobs
      }
      const jobs = await declare()
      const names = async () => (await jobs.schedules()).map(({ name }) => name)
      same(await names(), ['yearly'], 'schedules')
      await jobs.unschedule('yearly')
      same(await names(), [], 'schedules without it')
      await refusal('not_found', () => jobs.unschedule('yearly'))
      same(await jobs.runDue(), 0, 'attempts')
      await declare()
      same(await names(), ['yearly'], 'schedules when it is declared again')
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

/** Declares a schedule, an hourly one when nothing is said; the times of its runs appear in the list. */
function scheduled(
  jobs: JobService,
  missed: 'skip' | 'once' | 'all',
  { name = `hourly-${missed}`, ...when }: { name?: string; cron: string; timeZone?: string } = {
    cron: '0 * * * *',
  },
): string[] {
  const times: string[] = []
  const type = jobType({ name: `contract-${name}`, schema: anything })
  jobs.work(type, { concurrency: 1 }, payload => {
    times.push((payload as unknown as { scheduledFor: string }).scheduledFor)
  })
  jobs.schedule(name, { ...when, missed }, type)
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
