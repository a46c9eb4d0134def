import type { PatrolReport, SessionStore } from '../../driver.ts'
import type { JobEngine } from './engine.ts'
import { keepInThread } from './keeper.ts'
import { type ProcessIdentity, provablyDead, thisProcess } from './process-identity.ts'
import { idList, openGroups } from './settle.ts'

interface NoticeRow extends ProcessIdentity {
  readonly kind: 'worker' | 'paused' | 'cancelled'
  readonly id: number
  readonly expired: number
}

interface Notices extends Omit<PatrolReport, 'rescued'> {
  readonly gone: readonly NoticeRow[]
}

/** Every worker asks for all of it again and again, so it is one statement over three small tables. */
const noticesOf = (now: string) => `
  select 'worker' as kind, id, host, pid, started, case when lease_until <= ${now} then 1 else 0 end as expired
  from portolan_job_worker
  union all select 'paused', 0, queue, 0, '', 0 from portolan_job_paused
  union all select 'cancelled', job_id, '', 0, '', 0 from portolan_job_cancelled`

interface HeldRow {
  readonly id: number
  readonly attempt: number
  readonly queue: string
  readonly group_key: string | null
}

/**
 * Sessions as rows. One that has ended and still has a job keeps its row, with a lease of nothing, until that job is free: the job may be
 * locked by a transaction of its worker that completes it.
 */
export function storedSessions(engine: JobEngine): SessionStore {
  const { database, words } = engine
  const self = thisProcess(engine.oneMachine)

  async function held(session: number): Promise<readonly HeldRow[]> {
    return database.query<HeldRow>(
      `select id, attempt, queue, group_key from portolan_job where owner = ? order by id${words.lockFree}`,
      [session],
    )
  }

  async function giveBack(session: number, jobs: readonly HeldRow[]): Promise<number> {
    if (jobs.length === 0) return 0
    const given = await engine.giveBack(session, idList(jobs))
    await openGroups(engine, jobs)
    return given
  }

  async function end(session: number): Promise<void> {
    const left = await database.query('select id from portolan_job where owner = ? limit 1', [session])
    const statement =
      left.length === 0
        ? 'delete from portolan_job_worker where id = ?'
        : 'update portolan_job_worker set lease_until = 0 where id = ?'
    await database.execute(statement, [session])
  }

  async function notices(own: string | undefined): Promise<Notices> {
    const rows = await database.query<NoticeRow>(noticesOf(words.now), [engine.time()])
    return {
      gone: rows.filter(
        row =>
          row.kind === 'worker' && String(row.id) !== own && (row.expired === 1 || provablyDead(row, self)),
      ),
      paused: new Set(rows.filter(({ kind }) => kind === 'paused').map(({ host }) => host)),
      cancelled: rows.filter(({ kind }) => kind === 'cancelled').map(({ id }) => String(id)),
    }
  }

  /** Whether it had anything, or was not known to be gone. */
  async function free(session: number, own: string | undefined): Promise<boolean> {
    // Somebody who holds it lives: an exchange of its worker, or another rescuer.
    const [locked] = await database.query<{ lease_until: number }>(
      `select lease_until from portolan_job_worker where id = ?${words.lockFree}`,
      [session],
    )
    // It may have renewed its lease since.
    if (!locked || !(await notices(own)).gone.some(({ id }) => id === session)) return false
    const jobs = await held(session)
    if (jobs.length > 0) {
      await engine.free(session, idList(jobs))
      await openGroups(engine, jobs)
    }
    await end(session)
    return jobs.length > 0 || locked.lease_until > 0
  }

  const renewal = `update portolan_job_worker set lease_until = ${words.now} + ? where id = ? and lease_until > 0`

  return {
    async open(leaseMs) {
      return String(await engine.openSession(leaseMs, self))
    },
    async renew(session, leaseMs) {
      return (await database.execute(renewal, [engine.time(), leaseMs, Number(session)])) === 1
    },
    keep(session, leaseMs, blockedMs) {
      const address = database.address()
      if (!address) return undefined
      const machineTime = engine.oneMachine
      return keepInThread({ database: address, session, leaseMs, blockedMs, sql: renewal, machineTime })
    },
    release(session, keep) {
      return database.run(async () => {
        const id = Number(session)
        // Waits for an exchange whose end is unknown: what it claims is to be given back, too.
        await database.query(`select id from portolan_job_worker where id = ?${words.lock}`, [id])
        const kept = new Map(keep.map(job => [job.id, job.attempt]))
        return giveBack(
          id,
          (await held(id)).filter(job => kept.get(String(job.id)) !== job.attempt),
        )
      })
    },
    close(session) {
      return database.run(async () => {
        const id = Number(session)
        await database.query(`select id from portolan_job_worker where id = ?${words.lock}`, [id])
        await giveBack(id, await held(id))
        await end(id)
      })
    },
    async patrol(own) {
      let rescued = 0
      // Looked at first without a lock: as a rule there is nobody to rescue.
      const { gone, paused, cancelled } = await notices(own)
      for (const { id } of gone) {
        if (await database.run(() => free(id, own))) rescued++
      }
      return { rescued, paused, cancelled }
    },
  }
}

/** Keeps the session from being ended before the transaction in progress; whether it still exists. */
export async function hold({ database, words }: JobEngine, session: number): Promise<boolean> {
  const rows = await database.query(
    `select id from portolan_job_worker where id = ? and lease_until > 0${words.hold}`,
    [session],
  )
  return rows.length === 1
}
