import assert from 'node:assert/strict'
import { InfrastructureError } from 'portolan'
import type { ForeignTransactions } from 'portolan/persistence'
import { type App, entry, openBeside, place } from './harness.ts'

/** What joining a transaction promises, over any ORM and engine. */
export interface Case {
  readonly name: string
  run(app: App): Promise<void>
}

const refused = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(InfrastructureError.is(error), String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, text)
  return true
}

const given = new Error('given up')

export const cases: readonly Case[] = [
  {
    name: 'a commit keeps everything, and wakes who waits for it, once',
    async run(app) {
      let hooks = 0
      const seen = Promise.withResolvers<unknown>()
      const result = await app.runIn(async orm => {
        await orm.insert(entry('c-orm', 'commit'))
        await app.entries.save(entry('c-own', 'commit'))
        await app.announce('c')
        app.database.afterCommit(async () => {
          hooks++
          assert.equal(app.database.inTransaction(), false)
          seen.resolve(await app.database.query('SELECT id FROM entries WHERE category = ?', ['commit']))
        })
        return 'done'
      })
      assert.equal(result, 'done')
      assert.equal(((await seen.promise) as unknown[]).length, 2)
      await app.arrived('c')
      assert.equal(hooks, 1)
      assert.deepEqual(
        [app.handled, app.worked].map(ids => ids.filter(id => id === 'c').length),
        [1, 1],
      )
    },
  },
  {
    name: 'a rollback leaves nothing, and what was saved can be saved again',
    async run(app) {
      const own = entry('r-own', 'rollback')
      let hooks = 0
      const failing = app.runIn(async orm => {
        await orm.insert(entry('r-orm', 'rollback'))
        await app.entries.save(own)
        await app.announce('r')
        app.database.afterCommit(() => void hooks++)
        throw given
      })
      await assert.rejects(failing, given)
      await app.nothingOf('r', 'r-own', 'r-orm')
      assert.equal(hooks, 0)
      await app.runIn(() => app.entries.save(own))
      assert.deepEqual(await app.entries.find('r-own'), own)
    },
  },
  {
    name: 'ORM, repository and kysely see what the others wrote',
    async run(app) {
      await app.runIn(async orm => {
        await orm.insert(entry('s-1', 'seen'))
        const [found] = await app.entries.in('seen')
        assert.equal(found?.id, 's-1')
        await app.entries.save({ ...entry('s-2', 'seen') })
        const kysely = app.database.kysely<{ entries: { id: string; category: string; price: number } }>()
        const { numUpdatedRows } = await kysely
          .updateTable('entries')
          .set({ price: 11 })
          .where('category', '=', 'seen')
          .executeTakeFirstOrThrow()
        assert.equal(numUpdatedRows, 2n)
        assert.deepEqual((await orm.namesIn('seen')).toSorted(), ['entry s-1', 'entry s-2'])
        // Nobody else does yet.
        const outside = await openBeside(app.engine, app.url)
        try {
          assert.deepEqual(await outside.query("SELECT id FROM entries WHERE category = 'seen'"), [])
        } finally {
          await outside.close()
        }
      })
      assert.equal(
        (await app.entries.in('seen')).every(({ price }) => price === 11),
        true,
      )
    },
  },
  {
    name: 'a nested unit rolls back alone, with what the ORM did in it',
    async run(app) {
      await app.runIn(async orm => {
        await app.announce('n-kept')
        const failing = app.database.run(
          async () => {
            await orm.insert(entry('n-orm', 'nested'))
            await app.entries.save(entry('n-own', 'nested'))
            await app.announce('n-gone')
            throw given
          },
          { propagation: 'nested' },
        )
        await assert.rejects(failing, given)
        await app.database.run(() => orm.insert(entry('n-good', 'nested')), { propagation: 'nested' })
        await app.entries.save(entry('n-after', 'nested'))
      })
      await app.arrived('n-kept')
      assert.deepEqual((await app.entries.in('nested')).map(({ id }) => id).toSorted(), ['n-after', 'n-good'])
      await app.nothingOf('n-gone', 'n-orm')
    },
  },
  {
    name: 'a unit that had joined and failed keeps all from being committed',
    async run(app) {
      const failing = app.runIn(async orm => {
        await orm.insert(entry('j-orm', 'joined'))
        await app.database.run(() => Promise.reject(given)).catch(() => {})
      })
      await assert.rejects(failing, refused('precondition_failed', /had joined it, failed/))
      await app.nothingOf('j-orm')
    },
  },
  {
    name: 'an error of the ORM that was caught never ends in hooks without a commit',
    async run(app) {
      let hooks = 0
      let committed = true
      await app
        .runIn(async orm => {
          app.database.afterCommit(() => void hooks++)
          await app.entries.save(entry('f-own', 'fault'))
          await orm.insert(entry('f-orm', 'fault'))
          await orm.insert(entry('f-orm', 'fault')).catch(() => {})
        })
        .catch(() => {
          committed = false
        })
      // Some engines give up the transaction for it, others the statement alone.
      assert.equal((await app.entries.find('f-own')) !== undefined, committed)
      assert.equal(hooks, committed ? 1 : 0)
      assert.equal(app.engine === 'postgres' && committed, false)
    },
  },
  {
    name: 'a violated constraint is named, and keeps all from being committed',
    async run(app) {
      await app.entries.save(entry('v-1', 'violated'))
      const failing = app.runIn(async () => {
        await app.announce('v')
        await app.entries.save(entry('v-1', 'violated'))
      })
      await assert.rejects(failing, error => {
        assert.ok(InfrastructureError.is(error, 'already_exists'), String(error))
        assert.equal(error.details.table, 'entries')
        return true
      })
      const checked = app.runIn(() =>
        app.database.execute(
          "INSERT INTO odds (id, whole, bytes, fraction, made) VALUES ('v', 1, ?, 1, '')",
          [new Uint8Array(1)],
        ),
      )
      await assert.rejects(checked, error => {
        assert.ok(InfrastructureError.is(error, 'precondition_failed'), String(error))
        assert.match(String(error.details.constraint), /odds_made/)
        return true
      })
      await app.nothingOf('v')
    },
  },
  {
    name: 'values come back as they do elsewhere',
    async run(app) {
      const row = {
        id: 'odd',
        whole: 9_007_199_254_740_993n,
        text: `it's "odd" \\ ? $1 ` + '`é🙂`\n',
        bytes: Uint8Array.from([0, 39, 92, 255]),
        fraction: 0.1,
        made: '2026-01-02T03:04:05Z',
      }
      const names = Object.keys(row)
      const insert = `INSERT INTO odds (${names.map(name => `"${name}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
      const select =
        'SELECT "id", "whole", "text", "bytes", "fraction", "made", \'\\\' AS "slash", whole - whole AS "zero" FROM odds WHERE id = ?'
      const inside = await app.runIn(async () => {
        assert.equal(await app.database.execute(insert, Object.values(row)), 1)
        const [found] = await app.database.query(select, ['odd'])
        return found
      })
      assert.deepEqual({ ...inside }, { ...row, slash: '\\', zero: 0 })
      const [outside] = await app.database.query(select, ['odd'])
      assert.deepEqual({ ...inside }, { ...outside })
      await app.runIn(async () => {
        assert.equal(
          await app.database.execute('UPDATE odds SET text = ?, whole = ? WHERE id = ?', [null, 3, 'odd']),
          1,
        )
        assert.equal(await app.database.execute('UPDATE odds SET text = ? WHERE id = ?', ['x', 'none']), 0)
        const [row] = await app.database.query(
          'SELECT text, whole, SUM(whole) OVER () AS total FROM odds',
          [],
        )
        assert.deepEqual({ ...row }, { text: null, whole: 3, total: 3 })
      })
    },
  },
  {
    name: 'many rows are saved and imported at once',
    async run(app) {
      const all = Array.from({ length: 1_500 }, (_, i) => entry(`m-${i}`, 'many'))
      const rows = all.map(({ id, name, category }) => [`${id}-more`, name, category, 1, 1, 1])
      await app.runIn(async () => {
        await app.entries.saveMany(all)
        const columns = ['id', 'name', 'category', 'price', 'listed', 'version']
        assert.equal(await app.database.importRows('entries', columns, rows), 1_500)
      })
      assert.equal((await app.entries.in('many')).length, 3_000)
    },
  },
  {
    name: 'a transaction that is killed leaves nothing, and the next one works',
    async run(app) {
      if (app.engine === 'sqlite') return
      let hooks = 0
      const failing = app.runIn(async orm => {
        await orm.insert(entry('k-orm', 'killed'))
        await app.announce('k')
        app.database.afterCommit(() => void hooks++)
        await kill(app)
        await app.entries.save(entry('k-own', 'killed'))
      })
      await assert.rejects(failing)
      await app.nothingOf('k', 'k-orm', 'k-own')
      assert.equal(hooks, 0)
      await app.runIn(orm => orm.insert(entry('k-next', 'killed')))
      assert.equal((await app.entries.in('killed')).length, 1)
    },
  },
  {
    name: 'requests at the same time do not mix',
    async run(app) {
      const committed: number[] = []
      const all = Array.from({ length: 12 }, (_, i) =>
        app.runIn(async orm => {
          await orm.insert(entry(`t-orm-${i}`, 'together'))
          await app.entries.save(entry(`t-own-${i}`, 'together'))
          await app.announce(`t-${i}`)
          app.database.afterCommit(() => void committed.push(i))
          if (i % 3 === 0) throw given
        }),
      )
      const outcomes = (await Promise.allSettled(all)).map(({ status }) => status === 'fulfilled')
      const good = outcomes.flatMap((ok, i) => (ok ? [i] : []))
      assert.deepEqual(good, [1, 2, 4, 5, 7, 8, 10, 11])
      assert.deepEqual(
        committed.toSorted((a, b) => a - b),
        good,
      )
      const found = (await app.entries.in('together')).map(({ id }) => id).toSorted()
      assert.deepEqual(found, good.flatMap(i => [`t-orm-${i}`, `t-own-${i}`]).toSorted())
      for (const i of good) await app.arrived(`t-${i}`)
      await app.nothingOf('t-0', 't-3', 't-6', 't-9')
    },
  },
  {
    name: 'what comes after its end is refused',
    async run(app) {
      const late = await app.runIn(async () => {
        const go = Promise.withResolvers<void>()
        const statement = go.promise.then(() => app.database.query('SELECT 1 AS one'))
        statement.catch(() => {})
        return { go, statement }
      })
      late.go.resolve()
      await assert.rejects(late.statement, refused('precondition_failed', /has ended/))
    },
  },
  {
    name: 'it begins neither in a unit of work nor in another transaction',
    async run(app) {
      const open = refused('precondition_failed', /unit of work of this database is open/)
      await assert.rejects(
        app.database.run(() => app.runIn(async () => {})),
        open,
      )
      await assert.rejects(
        app.runIn(() => app.runIn(async () => {})),
        open,
      )
      const nested = app.database.runIn(app.orm.transactions, async transaction => {
        const { nested } = app.orm.inside(transaction)
        if (!nested) throw given
        await app.database.runIn(nested, async () => {})
      })
      await assert.rejects(nested)
    },
  },
  {
    name: 'another engine or database is refused, and nothing is committed',
    async run(app) {
      const { transactions } = app.orm
      const dialect = transactions.dialect === 'mysql' ? 'postgres' : 'mysql'
      const mismatched: ForeignTransactions<unknown> = { ...transactions, dialect }
      await assert.rejects(
        app.database.runIn(mismatched, async () => {}),
        refused('precondition_failed', /is one of .+, and the database is/),
      )
      await using stack = new AsyncDisposableStack()
      const elsewhere = await place(app.engine, stack)
      const other = stack.use(await openBeside(app.engine, elsewhere))
      await assert.rejects(
        other.runIn({ ...transactions }, transaction =>
          app.orm.inside(transaction).insert(entry('o', 'other')),
        ),
        refused('precondition_failed', /is one of .+, and the database is/),
      )
      assert.equal(await app.entries.find('o'), undefined)
    },
  },
]

/** Ends the connection of the transaction in progress, from another one. */
async function kill(app: App): Promise<void> {
  const { sql, end } =
    app.engine === 'postgres'
      ? { sql: 'SELECT pg_backend_pid() AS id', end: 'SELECT pg_terminate_backend(?)' }
      : { sql: 'SELECT CONNECTION_ID() AS id', end: 'KILL CONNECTION ?' }
  const [row] = await app.database.query<{ id: number }>(sql)
  const other = await openBeside(app.engine, app.url)
  try {
    if (app.engine === 'postgres') await other.query(end, [row!.id])
    else await other.execute(end.replace('?', String(row!.id)))
  } finally {
    await other.close()
  }
}
