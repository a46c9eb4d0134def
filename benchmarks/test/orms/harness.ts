import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { defineJob, defineMessage } from 'portolan'
import { createJobs } from 'portolan/jobs'
import { createMessaging, type Messaging } from 'portolan/messaging'
import {
  type Database,
  type ForeignTransactions,
  mapping,
  openDatabase,
  SqlRepository,
  sqlite,
} from 'portolan/persistence'
import { freshDatabase } from 'portolan-engines'
import { z } from 'zod'

export type EngineName = 'sqlite' | 'postgres' | 'mysql'

/** What an ORM does in one of its transactions. */
export interface Inside {
  insert(entry: Entry): Promise<unknown>
  /** The names of the entries whose category this is. */
  namesIn(category: string): Promise<string[]>
  /** A transaction inside of this one, as the ORM has it, if it does. */
  readonly nested?: ForeignTransactions<unknown>
}

/** An ORM that is connected to a database. */
export interface Orm extends AsyncDisposable {
  readonly transactions: ForeignTransactions<unknown>
  inside(transaction: unknown): Inside
}

export type OpenOrm = (engine: EngineName, url: string) => Promise<Orm>

export interface Entry {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly price: number
  readonly listed: number
}

interface Tables {
  entries: Entry & { version: number }
  odds: { id: string; whole: bigint; text: string | null; bytes: Uint8Array; fraction: number; made: string }
}

const entries = mapping<Tables>()({
  table: 'entries',
  key: 'id',
  toRows: (entry: Entry) => ({ root: entry }),
  fromRows: ({ id, name, category, price, listed }) => ({ id, name, category, price, listed }),
})

export class Entries extends SqlRepository(entries) {
  in(category: string) {
    return this.findAll(query => query.where('category', '=', category))
  }
}

export const EntryMade = defineMessage('test.entry.made', {
  version: 1,
  schema: z.object({ id: z.string() }),
})
export const PriceEntry = defineJob('test-price-entry', { schema: z.object({ id: z.string() }) })

/** An application over an ORM and the library, in one process. */
export class App implements AsyncDisposable {
  readonly engine: EngineName
  readonly url: string
  readonly orm: Orm
  readonly database: Database
  readonly entries: Entries
  readonly messages: Messaging
  readonly jobs: ReturnType<typeof createJobs>
  /** The ids that came as messages and as jobs, in any order. */
  readonly handled: string[] = []
  readonly worked: string[] = []
  readonly #news = new EventTarget()

  constructor(engine: EngineName, url: string, orm: Orm, database: Database) {
    this.engine = engine
    this.url = url
    this.orm = orm
    this.database = database
    this.entries = new Entries(database)
    this.messages = createMessaging({ database, source: 'test', messages: [EntryMade] })
    this.jobs = createJobs({ database })
    this.messages.subscribe(EntryMade, { group: 'test' }, async ({ data }) =>
      this.#note(this.handled, data.id),
    )
    this.jobs.work(PriceEntry, { concurrency: 4 }, async ({ id }) => this.#note(this.worked, id))
  }

  /** Runs `work` in a transaction of the ORM that the library joins. */
  runIn<T>(work: (orm: Inside) => Promise<T>): Promise<T> {
    return this.database.runIn(this.orm.transactions, transaction => work(this.orm.inside(transaction)))
  }

  async announce(id: string): Promise<void> {
    await this.messages.publish(EntryMade, { id })
    await this.jobs.enqueue(PriceEntry, { id })
  }

  /** Waits until what came of `id` was handled, both as a message and as a job. */
  async arrived(id: string): Promise<void> {
    const signal = AbortSignal.timeout(20_000)
    while (!(this.handled.includes(id) && this.worked.includes(id)))
      await once(this.#news, 'news', { signal })
  }

  /** That of `ids` nothing was left, and nothing came: what is announced now comes after it. */
  async nothingOf(...ids: string[]): Promise<void> {
    const later = `later than ${ids[0]}`
    await this.announce(later)
    await this.arrived(later)
    for (const id of ids) {
      assert.equal(await this.entries.find(id), undefined)
      assert.ok(!this.handled.includes(id) && !this.worked.includes(id), `${id} was announced`)
    }
  }

  #note(list: string[], id: string): void {
    list.push(id)
    this.#news.dispatchEvent(new Event('news'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.jobs[Symbol.asyncDispose]()
    await this.messages[Symbol.asyncDispose]()
    await this.database.close()
    await this.orm[Symbol.asyncDispose]()
  }
}

export const entry = (id: string, category: string): Entry => ({
  id,
  name: `entry ${id}`,
  category,
  price: 5,
  listed: 7,
})

const columns =
  'id VARCHAR(36) PRIMARY KEY, name VARCHAR(100) NOT NULL, category VARCHAR(40) NOT NULL, price INTEGER NOT NULL, listed INTEGER NOT NULL, version INTEGER NOT NULL'

const tables = (bytes: string): string => `
  CREATE TABLE entries (${columns});
  CREATE TABLE odds (id VARCHAR(36) PRIMARY KEY, whole BIGINT NOT NULL, text VARCHAR(200), bytes ${bytes} NOT NULL,
    fraction DOUBLE PRECISION NOT NULL, made VARCHAR(40) NOT NULL, CONSTRAINT odds_made CHECK (made <> ''))`

/** Opens an application over a database of its own; `release` closes it and removes that. */
export async function openApp(
  engine: EngineName,
  openOrm: OpenOrm,
): Promise<{ app: App; release: () => Promise<void> }> {
  await using stack = new AsyncDisposableStack()
  const url = await place(engine, stack)
  const database = await openBeside(engine, url)
  await database.migrate('test', [{ name: '0001', up: tables(engine === 'postgres' ? 'BYTEA' : 'BLOB') }])
  const app = stack.use(new App(engine, url, await openOrm(engine, url), database))
  await app.messages.start()
  await app.jobs.start()
  const owned = stack.move()
  return { app, release: () => owned.disposeAsync() }
}

/** A database that is there until the stack is disposed of: the path of a file, or a URL. */
export async function place(engine: EngineName, stack: AsyncDisposableStack): Promise<string> {
  if (engine !== 'sqlite') return stack.use(await freshDatabase(engine)).url
  const folder = await mkdtemp(join(tmpdir(), 'portolan-orms-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'shop.db')
}

/** Opens the database as the ORMs do: on SQLite, by the copy of it that is in better-sqlite3. */
export async function openBeside(engine: EngineName, url: string): Promise<Database> {
  return engine === 'sqlite'
    ? await sqlite({ url: `sqlite:${url}`, Database: BetterSqlite })
    : await openDatabase(url)
}
