import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createJobs } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import { jobType, until } from '../../src/contracts/jobs-kit.ts'
import { portolan } from './portolan.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portolan-cli-'))
})
after(() => rm(directory, { recursive: true, force: true }))

test('jobs are listed, shown, retried, cancelled, paused and resumed beside a worker that runs', async () => {
  const url = `sqlite:${join(directory, 'jobs.db')}`
  await using database = await openDatabase(url)
  await using jobs = createJobs({ database, poll: 10 })
  const [Charge, Report] = [jobType({ name: 'charge', attempts: 1 }), jobType({ name: 'report' })]
  let broken = true
  const done: number[] = []
  const stopped = Promise.withResolvers<void>()
  jobs.work(Charge, {}, ({ n }) => {
    if (broken) throw new Error('the card was refused')
    done.push(n)
  })
  jobs.work(Report, {}, async (_, { signal }) => {
    signal.addEventListener('abort', () => stopped.resolve())
    await stopped.promise
  })
  jobs.schedule('nightly', { cron: '0 3 * * *', timeZone: 'Europe/London' }, Report, { n: 9 })
  await jobs.start()
  const dead = await jobs.enqueue(Charge, { n: 1 })
  const running = await jobs.enqueue(Report, { n: 2 })
  const later = await jobs.enqueue(Charge, { n: 3 }, { delay: '1h' })
  const unknown = await jobs.enqueue(jobType({ name: 'nobody-knows' }), { n: 4 })
  await until('one is dead and one runs', async () => {
    const status = await jobs.status()
    return status.dead === 1 && status.running === 1
  })

  const listed = await portolan(url, 'jobs', 'list')
  assert.equal(listed.code, 0)
  assert.match(listed.out, /^ID +TYPE +STATE +ATTEMPT +CREATED +LAST ERROR\n/)
  assert.match(listed.out, new RegExp(`^${later} +charge +scheduled +0 `, 'm'))
  assert.match(listed.out, new RegExp(`^${unknown} +nobody-knows +waiting +0 `, 'm'))
  const { jobs: running1 } = JSON.parse(
    (await portolan(url, 'jobs', 'list', '--state', 'running', '--json')).out,
  )
  assert.deepEqual(
    running1.map(({ id }: { id: string }) => id),
    [running],
  )
  assert.match(
    (await portolan(url, 'jobs', 'list', '--state', 'dead', '--type', 'charge')).out,
    new RegExp(`^${dead} +charge +dead +1 .*the card was refused$`, 'm'),
  )
  assert.match(
    (await portolan(url, 'jobs', 'show', dead!)).out,
    /state +dead\n[\s\S]*"n": 1[\s\S]*Error: the card was refused\n +at /,
  )
  assert.match((await portolan(url, 'jobs', 'show', later!)).out, /state +scheduled\n[\s\S]*"n": 3/)
  assert.match(
    (await portolan(url, 'jobs', 'schedules')).out,
    /^nightly +report +0 3 \* \* \* +Europe\/London +once +\d{4}-\S+ +\d{4}-\S+:00:00\.000Z\n/m,
  )

  broken = false
  assert.equal((await portolan(url, 'jobs', 'retry', dead!, later!)).out, '2 on their way again.\n')
  await until('both are done', () => done.length === 2)
  assert.match((await portolan(url, 'jobs', 'cancel', running!)).out, new RegExp(`^${running} +stopping\n$`))
  await stopped.promise
  assert.match((await portolan(url, 'jobs', 'cancel', unknown!)).out, new RegExp(`^${unknown} +cancelled\n$`))
  assert.match((await portolan(url, 'jobs', 'pause', 'charge')).out, /^Nothing of charge is begun/)
  assert.match((await portolan(url, 'jobs', 'status')).out, /^charge \(paused\) +0 +0 /m)
  assert.equal((await portolan(url, 'jobs', 'resume', 'charge')).out, 'charge: resumed.\n')
  assert.equal((await portolan(url, 'jobs', 'retry', '--all')).out, '0 on their way again.\n')
})

test('dead jobs of one type are retried or discarded, and a schedule that nobody declares any more is forgotten', async () => {
  const url = `sqlite:${join(directory, 'dead.db')}`
  await using database = await openDatabase(url)
  await using jobs = createJobs({ database, mode: 'manual' })
  const [Charge, Report] = [
    jobType({ name: 'charge', attempts: 1 }),
    jobType({ name: 'report', attempts: 1 }),
  ]
  for (const type of [Charge, Report])
    jobs.work(type, {}, () => {
      throw new Error('broken')
    })
  jobs.schedule('nightly', { cron: '0 3 * * *' }, Report, { n: 9 })
  await jobs.enqueue(Charge, { n: 1 })
  const report = await jobs.enqueue(Report, { n: 2 })
  assert.equal(await jobs.runDue(), 2)

  const dead = async () => {
    const { out } = await portolan(url, 'jobs', 'list', '--state', 'dead', '--json')
    return JSON.parse(out).jobs.map(({ type }: { type: string }) => type)
  }
  assert.deepEqual(await dead(), ['report', 'charge'])
  const limited = await portolan(url, 'jobs', 'list', '--state', 'dead', '--type', 'charge', '--limit', '1')
  assert.match(limited.out, /^\d+ +charge +dead /m, 'the limit counts those of the type alone')
  assert.equal(
    (await portolan(url, 'jobs', 'retry', '--all', '--type', 'charge')).out,
    '1 on their way again.\n',
  )
  assert.deepEqual(await dead(), ['report'])
  assert.equal((await portolan(url, 'jobs', 'discard', report!)).out, '1 deleted.\n')
  assert.deepEqual(await dead(), [])
  assert.equal((await portolan(url, 'jobs', 'unschedule', 'nightly')).out, 'nightly: forgotten.\n')
  assert.equal((await portolan(url, 'jobs', 'schedules')).out, 'There are none.\n')
  assert.match((await portolan(url, 'jobs', 'unschedule', 'nightly')).error, /There is no schedule "nightly"/)
})

test('a call that cannot be followed says what is wrong with it', async () => {
  const url = `sqlite:${join(directory, 'made.db')}`
  const wrong = async (code: number, told: RegExp, ...args: string[]) => {
    const result = await portolan(url, 'jobs', ...args)
    assert.deepEqual([result.code, result.out], [code, ''], args.join(' '))
    assert.match(result.error, told)
  }
  await wrong(1, /There is no database file/, 'list')
  await portolan(url, 'migrate', 'up', '--namespace', 'portolan_messaging')
  await wrong(1, /This database has no tables of jobs/, 'list')
  await portolan(url, 'migrate', 'up', '--namespace', 'portolan-jobs')
  await wrong(2, /There is no action 'puase'. Did you mean 'pause'/, 'puase')
  await wrong(2, /There is no state 'ded'. Did you mean 'dead'/, 'list', '--state', 'ded')
  await wrong(2, /--limit 0/, 'list', '--limit', '0')
  await wrong(2, /Which\? Give the name of a type/, 'pause')
  await wrong(2, /Which\? Give an ID/, 'cancel')
  await wrong(2, /not both/, 'retry', '1', '--all')
  await wrong(1, /There is no job "7"/, 'show', '7')
  await wrong(1, /There is no dead letter "7"/, 'retry', '7')
})
