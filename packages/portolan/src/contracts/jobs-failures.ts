import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { gate, type JobsCase, jobType, ok, refusal, same, standingClock, until } from './jobs-kit.ts'

/** What happens when handlers fail: retries, timeouts, dead letters, and back again. */
export const failureCases: readonly JobsCase[] = [
  {
    name: 'a failed job is retried until it succeeds',
    async run({ open }) {
      const jobs = open()
      const type = jobType()
      const attempts: number[] = []
      jobs.work(type, {}, (_, { attempt }) => {
        attempts.push(attempt)
        if (attempt < 3) throw new Error('not yet')
      })
      await jobs.start()
      await jobs.enqueue(type, { n: 1 })
      await until('it is gone', async () => attempts.length === 3 && (await jobs.list()).length === 0)
      same(attempts, [1, 2, 3], 'the attempts')
      same(await jobs.deadLetters.count(), 0, 'dead letters')
    },
  },
  {
    name: 'what waits for a retry is listed with its last error and its next run, which grows with the backoff',
    requires: 'simulatedTime',
    async otherwise({ open }) {
      await refusal('unsupported', async () => open({ clock: standingClock('2026-01-01T10:00:00Z') }))
    },
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const jobs = open({ mode: 'manual', clock })
      const type = jobType({ attempts: 9, backoff: { from: '10s', to: '30s' } })
      jobs.work(type, {}, () => {
        throw new InfrastructureError('unavailable', 'The payment gateway is down.', { retry: 'later' })
      })
      await jobs.enqueue(type, { n: 1 })
      const pauses: number[] = []
      for (let attempt = 1; attempt <= 4; attempt++) {
        same(await jobs.runDue(), 1, 'attempts')
        const [job, ...more] = await jobs.retrying()
        same(more, [], 'further jobs that wait for a retry')
        same(
          [job?.attempt, job?.state, job?.lastError],
          [attempt, 'retrying', 'unavailable: The payment gateway is down.'],
          'the job',
        )
        pauses.push(job!.runAt.getTime() - clock.now())
        same((await jobs.status()).retrying, 1, 'jobs that wait for a retry')
        clock.move(job!.runAt.toISOString())
      }
      for (const [i, full] of [10_000, 20_000, 30_000, 30_000].entries()) {
        ok(
          pauses[i]! >= full / 2 && pauses[i]! <= full,
          `pause ${i + 1}, ${pauses[i]} ms, is between ${full / 2} and ${full}`,
        )
      }
    },
  },
  {
    name: 'a retry waits at least as long as the other side asked for',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const jobs = open({ mode: 'manual', clock })
      const type = jobType()
      jobs.work(type, {}, () => {
        throw new InfrastructureError('rate_limited', 'Too many.', { retry: 'later', retryAfterMs: 60_000 })
      })
      await jobs.enqueue(type, { n: 1 })
      await jobs.runDue()
      const [job] = await jobs.retrying()
      const pause = job!.runAt.getTime() - clock.now()
      ok(
        pause >= 60_000 && pause <= 66_000,
        `the pause, ${pause} ms, is what was asked for and at most a tenth more`,
      )
    },
  },
  {
    name: 'after its last attempt a job is a dead letter, which can be replayed with fresh attempts or discarded',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType({ attempts: 2, backoff: { from: 0, to: 0 } })
      const attempts: number[] = []
      let broken = true
      jobs.work(type, {}, (_, { attempt }) => {
        attempts.push(attempt)
        if (broken) throw new TypeError('It is\n broken.', { cause: new Error('the root') })
      })
      const id = await jobs.enqueue(type, { n: 1 }, { unique: 'k' })
      await jobs.runDue()
      same(attempts, [1, 2], 'the attempts')
      const [letter] = await jobs.deadLetters.list()
      same(
        [letter?.id, letter?.type, letter?.consumer, letter?.payload, letter?.reason, letter?.attempts],
        [id, type.name, type.name, { n: 1 }, 'TypeError: It is broken.', 2],
        'the dead letter',
      )
      ok(letter!.stack.includes('Caused by: Error: the root'), 'the stack goes down to the root')
      same([(await jobs.status()).dead, (await jobs.list()).length], [1, 0], 'dead and other jobs')

      broken = false
      await jobs.deadLetters.replay(letter!.id)
      same(await jobs.deadLetters.count(), 0, 'dead letters after the replay')
      await jobs.runDue()
      same([attempts, (await jobs.list()).length], [[1, 2, 1], 0], 'attempts, and what is left')

      broken = true
      for (let n = 0; n < 3; n++) await jobs.enqueue(type, { n })
      await jobs.runDue()
      await jobs.deadLetters.discard((await jobs.deadLetters.list({ limit: 1 }))[0]!.id)
      same(await jobs.deadLetters.count(), 2, 'dead letters after one was discarded')
      broken = false
      same(await jobs.deadLetters.replayAll(), 2, 'replayed')
      same(await jobs.runDue(), 2, 'attempts')
      await refusal('not_found', () => jobs.deadLetters.replay(letter!.id))
      await refusal('not_found', () => jobs.deadLetters.discard('no such id'))
    },
  },
  {
    name: 'a dead letter tells when its job was enqueued, and when it died',
    requires: 'simulatedTime',
    async run({ open }) {
      const clock = standingClock('2026-01-01T10:00:00Z')
      const jobs = open({ mode: 'manual', clock })
      const type = jobType({ attempts: 1 })
      jobs.work(type, {}, () => {
        throw new Error('broken')
      })
      await jobs.enqueue(type, { n: 1 })
      clock.move('2026-01-01T11:00:00Z')
      await jobs.runDue()
      const [letter] = await jobs.deadLetters.list()
      same(
        [letter?.createdAt, letter?.diedAt],
        ['2026-01-01T10:00:00.000Z', '2026-01-01T11:00:00.000Z'],
        'its times',
      )
    },
  },
  {
    name: 'a dead letter is not replayed beside a job that has taken its unique key',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType({ attempts: 1 })
      jobs.work(type, {}, () => {
        throw new Error('broken')
      })
      await jobs.enqueue(type, { n: 1 }, { unique: 'k' })
      await jobs.runDue()
      const later = await jobs.enqueue(type, { n: 2 }, { unique: 'k', delay: '1h' })
      ok(later !== undefined, 'a dead job does not hold its key')
      const [letter] = await jobs.deadLetters.list()
      await refusal('conflict', () => jobs.deadLetters.replay(letter!.id))
      same(
        [await jobs.deadLetters.replayAll(), await jobs.deadLetters.count()],
        [0, 1],
        'replayed, and still dead',
      )
    },
  },
  {
    name: 'a permanent error makes a dead letter at once',
    async run({ open, permanent }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType({ attempts: 9 })
      jobs.work(type, {}, () => {
        throw permanent(new Error('There is no order 7.'))
      })
      await jobs.enqueue(type, { n: 1 })
      same(await jobs.runDue(), 1, 'attempts')
      const [letter] = await jobs.deadLetters.list()
      same([letter?.reason, letter?.attempts], ['There is no order 7.', 1], 'the dead letter')
    },
  },
  {
    name: 'what a handler throws is kept, whatever its text is',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const type = jobType({ attempts: 2, backoff: { from: 0, to: 0 } })
      jobs.work(type, {}, () => {
        throw new Error(`a\0b \ud83d ${'🫖'.repeat(600)} ' " \\ ?`)
      })
      await jobs.enqueue(type, { n: 1 })
      same(await jobs.runDue(), 2, 'attempts')
      const [letter] = await jobs.deadLetters.list()
      const kept = letter!.reason
      ok(kept.startsWith('a\ufffdb \ufffd 🫖') && kept.isWellFormed(), `the reason, ${JSON.stringify(kept)}`)
    },
  },
  {
    name: 'a stored payload that is no longer valid goes to the dead letters with its issues, not to the handler',
    async run({ open }) {
      const jobs = open({ mode: 'manual' })
      const lax = jobType({
        schema: {
          '~standard': { version: 1, vendor: 'x', validate: value => ({ value: value as { n: number } }) },
        },
      })
      await jobs.enqueue(lax, { n: 0.5 })
      let handled = 0
      jobs.work(jobType(), {}, () => {
        handled++
      })
      await jobs.runDue()
      const [letter] = await jobs.deadLetters.list()
      same([handled, letter?.payload, letter?.attempts], [0, { n: 0.5 }, 1], 'calls, payload and attempts')
      ok(letter!.reason.includes('n: expected a whole number'), 'the reason names the field')
    },
  },
  {
    name: 'an attempt that takes longer than its timeout is told so, and has failed whatever it does then',
    async run({ open }) {
      const jobs = open()
      const type = jobType({ timeout: 20, attempts: 2 })
      const reasons: unknown[] = []
      jobs.work(type, {}, async (_, { signal, attempt }) => {
        await systemClock.sleep(60_000, signal).catch(() => {})
        reasons.push(InfrastructureError.is(signal.reason, 'deadline_exceeded'))
        if (attempt === 2) throw new Error('something else')
      })
      await jobs.start()
      await jobs.enqueue(type, { n: 1 })
      await until('it is dead', async () => (await jobs.deadLetters.count()) === 1)
      same(reasons, [true, true], 'whether the signals said so')
      const [letter] = await jobs.deadLetters.list()
      ok(letter!.reason.startsWith('deadline_exceeded: '), 'the reason is the timeout')
    },
  },
  {
    name: 'what a failing handler holds up is its own job alone',
    async run({ open }) {
      const jobs = open()
      const type = jobType({ backoff: { from: '1h', to: '1h' } })
      const never = gate()
      let done = 0
      jobs.work(type, { concurrency: 4 }, async ({ n }) => {
        if (n === 0) await never.opened
        if (n % 2 === 1) throw undefined
        done++
      })
      await jobs.start()
      for (let n = 0; n < 40; n++) await jobs.enqueue(type, { n })
      await until('the others have run', () => done === 19)
      await until('the failed ones wait', async () => (await jobs.status()).retrying === 20)
      same((await jobs.retrying({ limit: 3 })).length, 3, 'the length of a short list')
      never.open()
    },
  },
]
