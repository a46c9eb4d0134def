import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobsHarness } from 'portolan/contracts'
import { createJobs, type JobService, permanent } from 'portolan/jobs'
import { type Database, openDatabase } from 'portolan/persistence'
import { type DatabaseName, freshDatabase } from 'portolan-engines'
import type { JobDriver } from '../../src/jobs/job-driver.ts'

export type EngineOfJobs = 'sqlite' | DatabaseName

export const enginesOfJobs: readonly EngineOfJobs[] = ['sqlite', 'postgres', 'mysql']

/** A database that is there for one test, and whoever else wants to open it. */
export interface Place extends AsyncDisposable {
  readonly url: string
  /** A folder for whatever the test needs to write. */
  readonly folder: string
}

export async function place(engine: EngineOfJobs): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-jobs-'))
  const fresh = engine === 'sqlite' ? undefined : await freshDatabase(engine, { label: 'jobs' })
  return {
    url: fresh?.url ?? `sqlite:${join(folder, 'jobs.db')}`,
    folder,
    async [Symbol.asyncDispose]() {
      await fresh?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Jobs in a database of their own. */
export async function harness(engine: EngineOfJobs): Promise<JobsHarness> {
  const there = await place(engine)
  return harnessOver(await openDatabase(there.url), there)
}

/** Jobs in `database`, or of a `driver` beside it. With the harness they end, then the database, then `there`. */
export function harnessOver(database: Database, there: AsyncDisposable, driver?: JobDriver): JobsHarness {
  const opened: JobService[] = []
  return {
    database,
    permanent,
    open(options) {
      const jobs = createJobs({ ...options, database, ...(driver && { driver }) })
      opened.push(jobs)
      return jobs
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map(jobs => jobs.stop()))
      await database.close()
      await there[Symbol.asyncDispose]()
    },
  }
}

export const sqliteHarness = () => harness('sqlite')
