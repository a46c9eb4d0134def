import type { DeadLetters } from '../../../ports/dead-letters.ts'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { JobEngine } from './engine.ts'
import { release } from './flows.ts'
import { rowId } from './row-id.ts'

interface DeadRow {
  readonly id: number
  readonly queue: string
  readonly attempts: number
  readonly created_at: number
  readonly died_at: number
  readonly payload: string
  readonly reason: string
  readonly stack: string
}

/** Dead letters that are discarded together. */
const page = 500

export function storedDeadLetters(engine: JobEngine): DeadLetters {
  const { database, words } = engine

  // The id stays, so the one that `enqueue` gave still names the job.
  const insert = `
    insert into portolan_job
      (id, queue, priority, run_at, state, created_at, parent, group_key, unique_key, version, trace, payload)
    select id, queue, priority, ${words.now}, 0, created_at, parent, group_key, unique_key, version, trace, payload from portolan_job_dead
    where id ${words.ids} order by id ${words.ignoringConflicts}`

  const revived = 'exists (select job.id from portolan_job job where job.id = portolan_job_dead.id)'

  /** Brings those back whose unique key is free. They are locked, or two callers might bring one back twice. */
  async function revive(ids: readonly number[]): Promise<void> {
    await database.execute(insert, [engine.time(), JSON.stringify(ids)])
  }

  return {
    async list({ type, limit = 100 } = {}) {
      const rows = await database.query<DeadRow>(
        `select id, queue, attempts, created_at, died_at, payload, reason, stack from portolan_job_dead
         ${type === undefined ? '' : 'where queue = ?'} order by died_at desc, id desc limit ?`,
        type === undefined ? [limit] : [type, limit],
      )
      return rows.map(row => ({
        id: String(row.id),
        type: row.queue,
        consumer: row.queue,
        payload: JSON.parse(row.payload) as unknown,
        reason: row.reason,
        stack: row.stack,
        attempts: row.attempts,
        createdAt: new Date(row.created_at),
        diedAt: new Date(row.died_at),
      }))
    },
    async count() {
      const [row] = await database.query<{ dead: number }>('select count(*) as dead from portolan_job_dead')
      return row!.dead
    },
    replay(id) {
      return database.run(async () => {
        const known = await database.query(
          `select id from portolan_job_dead where id = ?${database.grammar.forUpdate}`,
          [rowId(id)],
        )
        if (known.length === 0) throw notFound(id)
        await revive([rowId(id)])
        const back = `delete from portolan_job_dead where id = ? and ${revived}`
        if ((await database.execute(back, [rowId(id)])) > 0) return
        throw new InfrastructureError(
          'conflict',
          `Another job with the unique key of dead letter ${id} waits or runs. Wait until it has ended, or discard this one.`,
        )
      })
    },
    replayAll({ type } = {}) {
      return database.run(async () => {
        const rows = await database.query<{ id: number }>(
          `select id from portolan_job_dead ${type === undefined ? '' : 'where queue = ? '}order by id${database.grammar.forUpdate}`,
          type === undefined ? [] : [type],
        )
        await revive(rows.map(({ id }) => id))
        return database.execute(`delete from portolan_job_dead where ${revived}`)
      })
    },
    discard(id) {
      return database.run(async () => {
        const [row] = await database.query<{ parent: number | null }>(
          `select parent from portolan_job_dead where id = ?${database.grammar.forUpdate}`,
          [rowId(id)],
        )
        if (!row) throw notFound(id)
        await database.execute('delete from portolan_job_dead where id = ?', [rowId(id)])
        // Nobody will do it any more, so nobody waits for it.
        if (row.parent !== null) await release(engine, [row.parent])
      })
    },
  }
}

/** Discards those that were kept long enough, one page in each transaction. */
export async function sweepDead(engine: JobEngine, now: number): Promise<void> {
  const { database, words } = engine
  const sweepPage = () =>
    database.run(async () => {
      const rows = await database.query<{ id: number; parent: number | null }>(
        `select id, parent from portolan_job_dead where keep_until <= ? order by keep_until limit ${page}${words.lockFree}`,
        [now],
      )
      if (rows.length === 0) return false
      await database.execute(`delete from portolan_job_dead where id ${words.ids}`, [
        JSON.stringify(rows.map(({ id }) => id)),
      ])
      await release(
        engine,
        rows.flatMap(({ parent }) => parent ?? []),
      )
      return rows.length === page
    })
  while (await sweepPage());
}

function notFound(id: string): InfrastructureError {
  return new InfrastructureError(
    'not_found',
    `There is no dead letter ${JSON.stringify(id)}. It may have been replayed or discarded.`,
  )
}
