import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, openDatabase } from 'portolan/persistence'
import { systemClock } from 'portolan/runtime'
import { type DatabaseName, skipWithout } from 'portolan-engines'
import type { ClaimedJob, Exchange, JobStore, NewJob, Settled } from '../../src/jobs/driver.ts'
import { jobStore } from '../../src/jobs/store.ts'
import { place } from './harness.ts'

/** Moments that only a test can hold on to: one transaction stands still, and another one comes. */
const races: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  async 'two workers that claim two jobs of a group at once never both get one'({ store, during, insert }) {
    const [one, two] = [await store.sessions.open(60_000), await store.sessions.open(60_000)]
    // In a transaction that ends late, so that the first worker does not see the job that comes first.
    const late = await during(() => insert({ group: 'g' }))
    const second = await insert({ group: 'g' })
    const first = await during(() => claim(store, one))
    assert.deepEqual(ids(first.result), [second])
    await late.commit()
    const waiting = claim(store, two)
    await sleep(50)
    await first.commit()
    assert.deepEqual(ids(await waiting), [], 'its group is busy')
    const settled = { ...nothing, done: first.result.claimed }
    assert.deepEqual(ids(await store.exchange(one, settled, [])), [])
    assert.deepEqual(ids(await claim(store, two)), [late.result], 'it is let in by then')
  },

  async 'a job that comes while its group is being let go is not set aside for ever'({
    store,
    during,
    insert,
  }) {
    const [one, two] = [await store.sessions.open(60_000), await store.sessions.open(60_000)]
    await insert({ group: 'g' })
    const { claimed } = await claim(store, one)
    const second = await insert({ group: 'g' })
    const letGo = await during(() => store.exchange(one, { ...nothing, done: claimed }, []))
    assert.deepEqual(ids(await claim(store, two)), [], 'as far as anybody can see, the first one runs')
    await letGo.commit()
    assert.deepEqual(ids(await claim(store, two)), [second])
  },

  async 'a job that was set aside is found by whoever lets go of the group'({ store, during, insert }) {
    const [one, two] = [await store.sessions.open(60_000), await store.sessions.open(60_000)]
    await insert({ group: 'g' })
    const { claimed } = await claim(store, one)
    const second = await insert({ group: 'g' })
    const aside = await during(() => claim(store, two))
    assert.deepEqual(ids(aside.result), [])
    const letGo = store.exchange(one, { ...nothing, done: claimed }, [])
    await sleep(50)
    await aside.commit()
    await letGo
    assert.deepEqual(ids(await claim(store, two)), [second])
  },

  async 'jobs that are being claimed are not freed behind the back of their worker, and not lost either'({
    store,
    during,
    insert,
  }) {
    const [one, two] = [await store.sessions.open(1), await store.sessions.open(60_000)]
    const job = await insert({})
    await sleep(10)
    const exchange = await during(() => claim(store, one))
    assert.deepEqual(ids(exchange.result), [job])
    assert.equal(await rescued(store, two), 0, 'nobody waits for it')
    await exchange.commit()
    assert.equal(await rescued(store, two), 1)
    const refused = await store.exchange(one, { ...nothing, done: exchange.result.claimed }, [])
    assert.deepEqual([refused.refused, refused.alive], [1, false])
    assert.deepEqual(ids(await claim(store, two)), [job])
  },

  async 'a job that its lost worker is completing is left to it, and freed when that comes to nothing'({
    store,
    during,
    insert,
  }) {
    const [one, two] = [await store.sessions.open(60_000), await store.sessions.open(60_000)]
    const jobs = [await insert({}), await insert({}), await insert({})]
    const { claimed } = await claim(store, one)
    const [undone, done] = await Promise.all([
      during(() => store.complete(one, claimed[0]!, undefined)),
      during(() => store.complete(one, claimed[1]!, undefined)),
    ])
    assert.deepEqual([undone.result, done.result], [true, true])
    await store.sessions.renew(one, 0)
    assert.equal(await rescued(store, two), 1)
    assert.deepEqual(ids(await claim(store, two)), [jobs[2]], 'nobody waits for it')
    assert.equal((await claim(store, one)).alive, false)
    assert.equal(await store.sessions.renew(one, 60_000), false)
    await undone.rollback()
    await done.commit()
    assert.equal(await rescued(store, two), 1)
    assert.deepEqual(ids(await claim(store, two)), [jobs[0]])
    assert.equal(await rescued(store, two), 0)
  },

  async 'what an exchange whose end is unknown has claimed is given back, too'({ store, during, insert }) {
    const one = await store.sessions.open(60_000)
    const job = await insert({})
    const exchange = await during(() => claim(store, one))
    const released = store.sessions.release(one, [])
    await sleep(50)
    await exchange.commit()
    assert.equal(await released, 1)
    assert.deepEqual(ids(await claim(store, await store.sessions.open(60_000))), [job])
  },
}

/** Where jobs can be stored as claimed. */
const ofPostgres: typeof races = {
  async 'jobs that are being stored as claimed are not lost when their worker is'({ store, during }) {
    const [one, two] = [await store.sessions.open(1), await store.sessions.open(60_000)]
    await sleep(10)
    const stored = await during(() => store.insertClaimed!(one, [plain, plain, plain], 2))
    const [first, second, third] = stored.result.ids
    assert.equal(stored.result.claimed, 2)
    assert.equal(await rescued(store, two), 0, 'nobody waits for it')
    await stored.commit()
    assert.deepEqual(ids(await claim(store, two)), [third])
    assert.equal(await rescued(store, two), 1)
    assert.deepEqual(ids(await claim(store, two)), [first, second])
  },

  async 'jobs are stored unclaimed when their session has ended'({ store }) {
    const [one, two] = [await store.sessions.open(1), await store.sessions.open(60_000)]
    await claim(store, one)
    await sleep(10)
    await rescued(store, two)
    const { ids: stored, claimed } = await store.insertClaimed!(one, [plain, plain], 2)
    assert.equal(claimed, 0)
    const { claimed: jobs } = await claim(store, two)
    assert.deepEqual(
      jobs.map(({ id, attempt }) => [id, attempt]),
      stored.map(id => [id, 1]),
    )
  },
}

for (const engine of ['postgres', 'mysql'] satisfies DatabaseName[]) {
  const skip = await skipWithout(engine)
  for (const [name, run] of Object.entries({ ...races, ...(engine === 'postgres' && ofPostgres) })) {
    test(`${engine}: ${name}`, { skip }, async () => {
      await using there = await place(engine)
      await using database = await openDatabase(there.url)
      const store = jobStore(database, systemClock)
      await store.prepare()
      await run({
        store,
        during: work => during(database, work),
        insert: async job => (await store.insert([{ ...plain, ...job }]))[0]!,
      })
    })
  }
}

interface Scene {
  readonly store: JobStore
  /** Does `work` in a transaction that stays open. */
  during<T>(work: () => Promise<T>): Promise<Open<T>>
  insert(job: Partial<NewJob>): Promise<string>
}

interface Open<T> {
  readonly result: T
  commit(): Promise<void>
  rollback(): Promise<void>
}

async function during<T>(database: Database, work: () => Promise<T>): Promise<Open<T>> {
  const worked = Promise.withResolvers<T>()
  const end = Promise.withResolvers<void>()
  const unit = database.run(async () => {
    worked.resolve(await work())
    await end.promise
  })
  unit.catch(worked.reject)
  const result = await worked.promise
  return {
    result,
    commit() {
      end.resolve()
      return unit
    },
    async rollback() {
      end.reject(new Error('rolled back'))
      await unit.catch(() => {})
    },
  }
}

const plain: NewJob = {
  queue: 'q',
  priority: 1,
  runAt: undefined,
  delayMs: 0,
  group: undefined,
  unique: undefined,
  uniqueWhile: 'unfinished',
  uniqueForMs: 0,
  onTaken: 'ignore',
  after: [],
  version: 1,
  payload: '{}',
  trace: undefined,
}

const nothing: Settled = { done: [], kept: [], retries: [], dead: [], returned: [], reported: [] }

function claim(store: JobStore, session: string): Promise<Exchange> {
  return store.exchange(session, nothing, [{ queue: 'q', limit: 10, startable: 10, suspects: 1 }])
}

async function rescued(store: JobStore, own: string): Promise<number> {
  return (await store.sessions.patrol(own)).rescued
}

function ids({ claimed }: { readonly claimed: readonly ClaimedJob[] }): string[] {
  return claimed.map(({ id }) => id)
}
