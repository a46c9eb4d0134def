import { type JobsCase, type JobsHarness, jobType, same, until } from './jobs-kit.ts'

/** Dead letters: which ones, and for how long. */
export const retentionCases: readonly JobsCase[] = [
  {
    name: 'dead letters are discarded when they were kept as long as their type says; those of others stay',
    async run(harness) {
      const { open } = harness
      const [passing, lasting] = [dying('contract', 1), dying('contract-lasting', undefined)]
      await die(harness, [passing, lasting])
      const later = open({ poll: 5 })
      later.work(passing, {}, () => {})
      await later.start()
      await until('one is gone', async () => (await later.deadLetters.count()) === 1)
      const [letter] = await later.deadLetters.list()
      same(letter?.type, lasting.name, 'the one that is left')
    },
  },
  {
    name: 'a dead letter that was kept long enough lets go of the job that waits for it',
    requires: 'flows',
    async run({ open, database }) {
      const part = dying('contract', 1)
      const whole = jobType({ name: 'contract-whole' })
      const jobs = open({ mode: 'manual' })
      jobs.work(part, {}, () => {
        throw new Error('broken')
      })
      jobs.work(whole, {}, () => {})
      await jobs.start()
      await database.run(async () => {
        const id = await jobs.enqueue(part, { n: 1 })
        await jobs.enqueue(whole, { n: 2 }, { after: [id!] })
      })
      same(await jobs.runDue(), 1, 'attempts')
      await jobs.stop()
      const later = open({ poll: 5 })
      const done = Promise.withResolvers<number>()
      later.work(part, {}, () => {})
      later.work(whole, {}, ({ n }) => done.resolve(n))
      await later.start()
      same(await done.promise, 2, 'the job that waited')
      same(await later.deadLetters.count(), 0, 'dead letters')
    },
  },
  {
    name: 'dead letters of one type are listed and replayed without the others, and found with the stack of their error',
    async run(harness) {
      const [one, other] = [dying('contract', undefined), dying('contract-other', undefined)]
      const jobs = await die(harness, [one, other])
      const [letter, ...more] = await jobs.deadLetters.list({ type: other.name })
      same([letter?.type, more], [other.name, []], 'those of the other type')
      same((await jobs.deadLetters.list()).length, 2, 'all of them')
      const found = await jobs.find(letter!.id)
      same([found?.state, found?.stack], ['dead', letter!.stack], 'what is found')
      same(await jobs.deadLetters.replayAll({ type: one.name }), 1, 'replayed')
      same(
        (await jobs.deadLetters.list()).map(({ type }) => type),
        [other.name],
        'those that are left',
      )
      same(await jobs.deadLetters.replayAll({ type: 'contract-unknown' }), 0, 'of a type that nobody knows')
    },
  },
]

function dying(name: string, keepDead: number | undefined) {
  return jobType({ name, attempts: 1, ...(keepDead !== undefined && { keepDead }) })
}

/** One job of each type is dead. */
async function die({ open }: JobsHarness, types: readonly ReturnType<typeof dying>[]) {
  const jobs = open({ mode: 'manual' })
  for (const type of types)
    jobs.work(type, {}, () => {
      throw new Error('broken')
    })
  for (const type of types) await jobs.enqueue(type, { n: 1 })
  same([await jobs.runDue(), await jobs.deadLetters.count()], [2, 2], 'attempts, and dead letters')
  return jobs
}
