import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJobs } from 'portolan/jobs'
import type { Database, SqlValue } from 'portolan/persistence'
import { skipWithout } from 'portolan-engines'
import { candidates, indexesOnly } from '../../src/jobs/drivers/postgres/statements.ts'
import { WriteEffect } from './fixtures/job.ts'
import { type EngineOfJobs, enginesOfJobs, harness } from './harness.ts'

/** A database that remembers each statement, with the parameters of its first use. */
function recorded(database: Database) {
  const statements = new Map<string, readonly SqlValue[]>()
  const remember = (sql: string, parameters: readonly SqlValue[] = []) => {
    if (!statements.has(sql)) statements.set(sql, parameters)
  }
  const proxy = new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (name === 'query' || name === 'execute')
          remember(args[0] as string, args[1] as readonly SqlValue[])
        return Reflect.apply(value, target, args) as unknown
      }
    },
  })
  return { proxy, statements }
}

/** What of a statement's plan reads a whole table, or more of an index than it needs. */
const waste: Record<
  EngineOfJobs,
  (database: Database, sql: string, parameters: readonly SqlValue[]) => Promise<string[]>
> = {
  async sqlite(database, sql, parameters) {
    const plan = await database.query<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters)
    const bad = /SCAN portolan_job\b|SCAN other|SCAN next|TEMP B-TREE FOR ORDER BY/
    return plan.map(({ detail }) => detail).filter(detail => bad.test(detail))
  },
  async postgres(database, sql, parameters) {
    const plan = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, parameters)
    // By its owner, what is given by its id is looked for in the whole list again and again.
    const byOwner = sql.includes('= any(') ? '|using portolan_job_owner' : ''
    const bad = new RegExp(`Seq Scan on portolan_job\\b|\\bSort\\b.* rows=(?!1 )${byOwner}`)
    return plan.map(row => row['QUERY PLAN']).filter(line => bad.test(line))
  },
  async mysql(database, sql, parameters) {
    const plan = await database.query<{ table: string; type: string; key: string; Extra: string }>(
      `EXPLAIN ${sql}`,
      parameters,
    )
    const tables = ['portolan_job', 'job', 'other']
    // The index by state finds the few that wait for a retry; they may be sorted.
    const sorts = ({ key, Extra }: (typeof plan)[number]) =>
      key !== 'portolan_job_state' && /filesort/.test(Extra)
    return plan
      .filter(row => tables.includes(row.table) && (row.type === 'ALL' || sorts(row)))
      .map(row => JSON.stringify(row))
  },
}

for (const engine of enginesOfJobs) {
  const skip = engine !== 'sqlite' && (await skipWithout(engine))
  test(`${engine}: every statement of the hot path goes through an index, however many jobs wait`, {
    skip,
  }, async () => {
    await using there = await harness(engine)
    const { database } = there
    const { proxy, statements } = recorded(database)
    const jobs = createJobs({ database: proxy, mode: 'manual' })
    jobs.work(WriteEffect, { concurrency: 4 }, async ({ n }, { complete }) => {
      if (n === 1) throw new Error('fails')
      if (n === 2) await database.run(complete)
    })
    await jobs.start()
    for (let n = 0; n < 12; n++)
      await jobs.enqueue(WriteEffect, { n }, { group: `g${n % 3}`, unique: `u${n}` })
    await jobs.runDue()
    await jobs.retrying()
    await jobs.cancel('1')
    // What an engine does with a small table tells nothing of a large one.
    await there.open().enqueueMany(
      WriteEffect,
      Array.from({ length: 5_000 }, (_, n) => ({ payload: { n }, ...(n % 2 === 0 && { group: `g${n}` }) })),
    )
    if (engine !== 'sqlite')
      await database.execute(engine === 'mysql' ? 'ANALYZE TABLE portolan_job' : 'ANALYZE portolan_job')
    let seen = 0
    for (const [sql, parameters] of statements) {
      if (!/^\s*(?:select|insert|update|delete|with)[^;]*portolan_job\b/i.test(sql)) continue
      seen++
      assert.deepEqual(await waste[engine](database, sql, parameters), [], sql)
    }
    assert.ok(seen >= 8, `${seen} statements were looked at`)
  })
}

test('postgres: a claim goes through the index although nothing is known of the table', {
  skip: await skipWithout('postgres'),
}, async () => {
  await using there = await harness('postgres')
  const jobs = there.open({ mode: 'manual' })
  await jobs.start()
  await there.database.execute('VACUUM ANALYZE portolan_job')
  const parameters = ['q', null, 5, 'q', null, 5, 'q', null, 5, 5]
  const plan = () => waste.postgres(there.database, candidates, parameters)
  assert.notDeepEqual(await plan(), [], 'the control: as it is, the planner reads the whole table')
  await there.database.run(async () => {
    await there.database.query(indexesOnly)
    assert.deepEqual(await plan(), [])
  })
})
