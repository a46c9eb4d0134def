import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { type Database, type ForeignTransactions, openDatabase } from 'portolan/persistence'
import { temporaryFolder } from './temporary.ts'

const refused = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(InfrastructureError.is(error), String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, text)
  return true
}

/** Transactions of a connection of `node:sqlite`, one at a time, on the file of `database`. */
class Notes implements ForeignTransactions<DatabaseSync>, AsyncDisposable {
  readonly dialect = 'sqlite'
  readonly handle: DatabaseSync
  readonly database: Database
  /** What comes before the commit. */
  interfere: (handle: DatabaseSync) => void = () => {}
  begin = 'BEGIN'
  attempts = 1
  readonly #folder: Disposable

  constructor(folder: Disposable, path: string, database: Database) {
    this.#folder = folder
    this.handle = new DatabaseSync(path)
    this.database = database
  }

  static async open(): Promise<Notes> {
    const folder = temporaryFolder()
    const path = folder.file('notes.db')
    const database = await openDatabase(`sqlite:${path}`)
    await database.execute('CREATE TABLE notes (id TEXT PRIMARY KEY)')
    return new Notes(folder, path, database)
  }

  async run<T>(work: (handle: DatabaseSync) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      this.handle.exec(this.begin)
      try {
        const result = await work(this.handle)
        this.interfere(this.handle)
        this.handle.exec('COMMIT')
        return result
      } catch (error) {
        if (this.handle.isTransaction) this.handle.exec('ROLLBACK')
        if (attempt >= this.attempts) throw error
      }
    }
  }

  client(handle: DatabaseSync): DatabaseSync {
    return handle
  }

  add(id: string): Promise<number> {
    return this.database.execute('INSERT INTO notes (id) VALUES (?)', [id])
  }

  async ids(): Promise<string[]> {
    return (await this.database.query<{ id: string }>('SELECT id FROM notes ORDER BY id')).map(({ id }) => id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close()
    this.handle.close()
    this.#folder[Symbol.dispose]()
  }
}

test('a transaction that is begun anew counts once, and what the first one had staged is undone', async () => {
  await using notes = await Notes.open()
  notes.attempts = 2
  const told: string[] = []
  const kept: string[] = []
  let attempt = 0
  await notes.database.runIn(notes, async () => {
    attempt++
    notes.database.afterCommit(() => void told.push(`committed ${attempt}`))
    notes.database.afterRollback(() => void told.push('rolled back'))
    await notes.database.beforeCommit(async (items: readonly string[]) => void kept.push(...items), ['kept'])
    await notes.add('one')
    if (attempt === 1) throw new Error('not yet')
  })
  assert.deepEqual(told, ['rolled back', 'committed 2'])
  assert.deepEqual(kept, ['kept'])
  assert.deepEqual(await notes.ids(), ['one'])
})

test('a commit that fails is a rollback', async () => {
  await using notes = await Notes.open()
  const told: string[] = []
  notes.interfere = () => {
    throw new Error('no commit')
  }
  const failing = notes.database.runIn(notes, async () => {
    notes.database.afterCommit(() => void told.push('committed'))
    notes.database.afterRollback(() => void told.push('rolled back'))
    await notes.add('one')
  })
  await assert.rejects(failing, /no commit/)
  assert.deepEqual(told, ['rolled back'])
  assert.deepEqual(await notes.ids(), [])
})

test('who swallows the error of the work does not make it a commit', async () => {
  await using notes = await Notes.open()
  let committed = false
  const swallowing: ForeignTransactions<DatabaseSync> = {
    dialect: 'sqlite',
    run: work => notes.run(work).catch(() => undefined as never),
    client: handle => handle,
  }
  const failing = notes.database.runIn(swallowing, async () => {
    notes.database.afterCommit(() => {
      committed = true
    })
    await notes.add('one')
    throw new Error('given up')
  })
  await assert.rejects(failing, refused('precondition_failed', /not open any more/))
  assert.equal(committed, false)
})

test('a transaction that its work ends is noticed', async () => {
  await using notes = await Notes.open()
  const failing = notes.database.runIn(notes, async handle => {
    await notes.add('one')
    handle.exec('ROLLBACK; BEGIN')
  })
  await assert.rejects(failing, refused('precondition_failed', /not open any more/))
  assert.deepEqual(await notes.ids(), [])
})

test('where no transaction is open, nothing is written', async () => {
  await using notes = await Notes.open()
  notes.begin = 'SELECT 1'
  await assert.rejects(
    notes.database.runIn(notes, () => notes.add('one')),
    refused('precondition_failed', /no transaction open/),
  )
  assert.deepEqual(await notes.ids(), [])
})

test('a file that is opened by two copies of SQLite is told apart, and memory is not shared', async () => {
  await using notes = await Notes.open()
  await using memory = await openDatabase('sqlite::memory:')
  await assert.rejects(
    memory.runIn(notes, async () => {}),
    refused('unsupported', /in memory/),
  )
  const copied: ForeignTransactions<DatabaseSync> = {
    dialect: 'sqlite',
    run: work => notes.run(work),
    client: handle => ({
      query: (sql: string) =>
        [...handle.prepare(sql.replace('sqlite_source_id()', "'another copy'")).all()] as never,
      execute: () => 0,
    }),
  }
  await assert.rejects(
    notes.database.runIn(copied, async () => {}),
    refused('precondition_failed', /another copy/),
  )
})

test('units of work of the same process wait for it, and it for them', async () => {
  await using notes = await Notes.open()
  const order: string[] = []
  const pause = () => new Promise(resolve => setTimeout(resolve, 20))
  const unit = (id: string) =>
    notes.database.run(async () => {
      await notes.add(`${id}1`)
      await pause()
      await notes.add(`${id}2`)
      order.push(id)
    })
  const joined = (id: string) =>
    notes.database.runIn(notes, async handle => {
      handle.exec(`INSERT INTO notes (id) VALUES ('${id}1')`)
      await pause()
      await notes.add(`${id}2`)
      order.push(id)
    })
  await Promise.all([unit('a'), joined('b'), unit('c'), joined('d'), notes.add('e')])
  assert.deepEqual(order.toSorted(), ['a', 'b', 'c', 'd'])
  assert.deepEqual(await notes.ids(), ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2', 'e'])
})

test('closing waits for it', async () => {
  const notes = await Notes.open()
  const begun = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const running = notes.database.runIn(notes, async () => {
    begun.resolve()
    await go.promise
    await notes.add('one')
  })
  await begun.promise
  const closing = notes.database.close()
  go.resolve()
  await running
  await closing
  await assert.rejects(
    notes.database.runIn(notes, async () => {}),
    refused('unavailable', /closed/),
  )
  assert.equal(notes.handle.prepare('SELECT id FROM notes').all().length, 1)
  await notes[Symbol.asyncDispose]()
})
