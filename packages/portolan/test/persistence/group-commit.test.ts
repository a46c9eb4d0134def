import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { type Database, openDatabase } from 'portolan/persistence'
import { type Surroundings, systemClock } from 'portolan/runtime'
import { temporaryFolder } from './temporary.ts'

async function open(
  path = ':memory:',
  parameters = '',
  around: Partial<Surroundings> = {},
): Promise<Database<DatabaseSync>> {
  const database = await openDatabase(`sqlite:${path}${parameters}`, around)
  await database.execute('CREATE TABLE t (n integer primary key, v text)')
  return database
}

const insert = 'INSERT INTO t (n, v) VALUES (?, ?)'

async function stored(database: Database): Promise<number[]> {
  const rows = await database.query<{ n: number }>('SELECT n FROM t ORDER BY n')
  return rows.map(({ n }) => n)
}

/** Counts the physical commits that reach the disk. */
function commits(database: Database): () => number {
  let count = 0
  database.onCommit(() => {
    count++
  })
  return () => count
}

/** No group is closed because it took long: what may share one does, also on a busy machine. */
const inNoTime: Partial<Surroundings> = { clock: { ...systemClock, monotonic: () => 0 } }

/** A clock that stands still until it is told to go on, and whose timers fire when they are told to. */
function standing(): { readonly clock: Surroundings['clock']; pass(ms: number): void; fire(): void } {
  let now = 0
  let due: (() => void)[] = []
  return {
    clock: {
      ...systemClock,
      monotonic: () => now,
      timer(_delayMs, callback) {
        due.push(callback)
        return {
          cancel() {
            due = due.filter(other => other !== callback)
          },
        }
      },
    },
    pass(ms) {
      now += ms
    },
    fire() {
      for (const callback of due.splice(0)) callback()
    },
  }
}

test('units of work that are ready together share few commits; each is told after its own', async () => {
  await using database = await open(':memory:', '', inNoTime)
  const count = commits(database)
  await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      database
        .run(async () => {
          await database.execute(insert, [n, 'x'])
          if (n % 10 === 3) throw new Error('this one not')
        })
        .catch(() => {}),
    ),
  )
  assert.ok(count() <= 20, `${count()} commits`)
  assert.equal((await stored(database)).length, 180)
})

test('the event loop turns between groups, however many units of work follow one another', async () => {
  await using database = await open()
  let over = false
  setTimeout(() => {
    over = true
  }, 5)
  let units = 0
  const caller = async () => {
    while (!over && units < 1_000_000) {
      units++
      await database.run(() => database.execute("UPDATE t SET v = 'y'"))
    }
  }
  await Promise.all(Array.from({ length: 100 }, caller))
  assert.ok(over, 'the timer never fired')
})

test('a unit of work that awaits something keeps what it wrote, while the ones before it are committed', async () => {
  using folder = temporaryFolder()
  await using database = await open(folder.file('t.db'))
  const released = Promise.withResolvers<void>()
  const quick = [1, 2, 3].map(n => database.execute(insert, [n, 'quick']))
  const slow = database.run(async () => {
    const [row] = await database.query<{ n: number }>("INSERT INTO t (v) VALUES ('slow') RETURNING n")
    await database.run(() => database.execute(insert, [50, 'nested']), { propagation: 'nested' })
    await released.promise
    await database.execute("UPDATE t SET v = 'slow indeed' WHERE n = ?", [row!.n])
    return row!.n
  })
  await Promise.all(quick)
  assert.deepEqual(await stored(database), [1, 2, 3])
  released.resolve()
  assert.equal(await slow, 4)
  assert.deepEqual(await stored(database), [1, 2, 3, 4, 50])
  assert.deepEqual(await database.query('SELECT v FROM t WHERE n = 4'), [{ v: 'slow indeed' }])
})

test('what is written again is what was given, although the caller has used its array and bytes again', async () => {
  await using database = await open()
  const quick = database.execute(insert, [1, 'quick'])
  const slow = database.run(async () => {
    const bytes = new Uint8Array([1, 2, 3])
    const parameters: (number | Uint8Array)[] = [2, bytes]
    await database.execute(insert, parameters)
    parameters[0] = 9
    bytes.fill(0)
    await systemClock.sleep(5)
  })
  await Promise.all([quick, slow])
  assert.deepEqual(await database.query('SELECT n, hex(v) AS v FROM t WHERE n > 1'), [{ n: 2, v: '010203' }])
})

test('a unit of work that another process overtook is run again', async () => {
  using folder = temporaryFolder()
  const path = folder.file('t.db')
  await using database = await open(path, '', inNoTime)
  const other = new DatabaseSync(path)
  let tries = 0
  const quick = database.execute(insert, [1, 'quick'])
  // The listener runs right after the commit that takes the slow one out of its group: its work must be written again.
  const slow = database.run(async () => {
    tries++
    const [row] = await database.query<{ n: number }>('SELECT count(*) AS n FROM t')
    await database.execute(insert, [100 + row!.n, 'slow'])
    await quick
    if (tries === 1) await systemClock.sleep(5)
  })
  let once = true
  const end = database.onCommit(() => {
    if (!once) return
    once = false
    other.exec("INSERT INTO t VALUES (2, 'other')")
  })
  await Promise.all([quick, slow])
  end()
  other.close()
  assert.equal(tries, 2)
  assert.deepEqual(await stored(database), [1, 2, 102])
})

test('a long unit of work among others is not remembered without end, and keeps everything', async () => {
  await using database = await open()
  const quick = database.execute(insert, [0, 'quick'])
  const long = database.run(async () => {
    for (let n = 1; n <= 1_000; n++) await database.execute(insert, [n, 'long'])
  })
  await Promise.all([quick, long])
  assert.equal((await stored(database)).length, 1_001)
})

test('a deferred constraint fails its own unit of work, not those that share its transaction', async () => {
  await using database = await open()
  await database.execute('CREATE TABLE child (t integer REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED)')
  const outcomes = await Promise.allSettled([
    database.execute(insert, [1, 'a']),
    database.run(() => database.execute('INSERT INTO child VALUES (99)')),
    database.execute(insert, [2, 'b']),
    database.run(async () => {
      await database.execute('INSERT INTO child VALUES (3)')
      await database.execute(insert, [3, 'c'])
    }),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
  const [, refused] = outcomes
  assert.ok(refused?.status === 'rejected' && InfrastructureError.is(refused.reason, 'precondition_failed'))
  assert.deepEqual(await stored(database), [1, 2, 3])
})

test('a full disk is resource_exhausted for whom it hits; the others and the database go on', async () => {
  using folder = temporaryFolder()
  await using database = await open(folder.file('t.db'))
  const pages = database.native.prepare('PRAGMA page_count').get()!.page_count as number
  database.native.exec(`PRAGMA max_page_count = ${pages + 3}`)
  const big = 'x'.repeat(200_000)
  const outcomes = await Promise.allSettled([
    database.execute(insert, [1, 'small']),
    database.run(async () => {
      await database.execute(insert, [2, 'small'])
      await database.execute(insert, [3, big])
    }),
    database.execute(insert, [4, 'small']),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  const [, full] = outcomes
  assert.ok(full?.status === 'rejected' && InfrastructureError.is(full.reason, 'resource_exhausted'))
  assert.equal(full.reason.retry, 'later')
  assert.deepEqual(await stored(database), [1, 4])
  database.native.exec('PRAGMA max_page_count = 1000000')
  await database.execute(insert, [5, big])
  assert.deepEqual(await stored(database), [1, 4, 5])
})

test('when SQLite gives up the whole transaction, every unit of work of it is run again or told', async () => {
  await using database = await open(':memory:', '', inNoTime)
  // RAISE(ROLLBACK) ends the transaction as a whole, like an error of the disk.
  await database.execute(
    "CREATE TRIGGER explode BEFORE INSERT ON t WHEN NEW.v = 'bomb' BEGIN SELECT RAISE(ROLLBACK, 'boom'); END",
  )
  const runs = new Map<number, number>()
  const unit = (n: number, v: string) =>
    database.run(async () => {
      runs.set(n, (runs.get(n) ?? 0) + 1)
      await database.execute(insert, [n, v])
    })
  const outcomes = await Promise.allSettled([unit(1, 'a'), unit(2, 'bomb'), unit(3, 'c')])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(await stored(database), [1, 3])
  assert.equal(runs.get(1), 2)
  assert.equal(runs.get(2), 1)
})

test('others write to the file, however much one of them has to write', async () => {
  using folder = temporaryFolder()
  const path = folder.file('t.db')
  await using busy = await open(path)
  await using other = await openDatabase(`sqlite:${path}`)
  let over = false
  const load = Array.from({ length: 8 }, async () => {
    while (!over) {
      await busy.run(async () => {
        await busy.execute("INSERT INTO t (v) VALUES ('busy')")
        await systemClock.sleep(1)
      })
    }
  })
  const written = async () => {
    for (let n = 0; n < 10; n++) await other.execute("INSERT INTO t (v) VALUES ('other')")
  }
  await written().finally(() => {
    over = true
  })
  await Promise.all(load)
  const [row] = await busy.query<{ n: number }>("SELECT count(*) AS n FROM t WHERE v = 'other'")
  assert.equal(row!.n, 10)
})

test('a unit of work that keeps others waiting too long is rolled back', async () => {
  await using database = await open(':memory:', '?transaction_timeout=40')
  const released = Promise.withResolvers<void>()
  let late: unknown
  const holding = database.run(async () => {
    await database.execute(insert, [1, 'x'])
    await released.promise
    late = await database.execute(insert, [3, 'z']).catch((error: unknown) => error)
  })
  const outcome = assert.rejects(holding, { code: 'deadline_exceeded' })
  await database.execute(insert, [2, 'y'])
  await outcome
  released.resolve()
  await systemClock.sleep(1)
  assert.ok(InfrastructureError.is(late, 'precondition_failed'))
  assert.deepEqual(await stored(database), [2])
})

test('a unit of work that is rolled back late, after a standstill, takes no other one with it', async () => {
  const time = standing()
  await using database = await open(':memory:', '', { clock: time.clock })
  const ended = database.run(() => database.execute(insert, [1, 'x']))
  const holding = database.run(async () => {
    await database.execute(insert, [2, 'y'])
    await new Promise(() => {})
  })
  const waiting = database.execute(insert, [3, 'z'])
  // In the same turn of the event loop: the first has ended, and is not committed yet.
  for (let i = 0; i < 50; i++) await undefined
  time.pass(60_000)
  time.fire()
  await assert.rejects(holding, { code: 'deadline_exceeded' })
  await Promise.all([ended, waiting])
  assert.deepEqual(await stored(database), [1, 3])
})

test('a unit of work that got its turn after a full group is rolled back, too, when it keeps others waiting too long', async () => {
  const time = standing()
  await using database = await open(':memory:', '', { clock: time.clock })
  const ended = database.run(async () => {
    await database.execute(insert, [1, 'x'])
    // So long that the group takes nobody else.
    time.pass(100)
  })
  const holding = database.run(async () => {
    await database.execute(insert, [2, 'y'])
    await new Promise(() => {})
  })
  const waiting = database.execute(insert, [3, 'z'])
  for (let i = 0; i < 50; i++) await undefined
  // While nobody has the connection.
  time.fire()
  await ended
  time.pass(60_000)
  time.fire()
  await assert.rejects(holding, { code: 'deadline_exceeded' })
  await waiting
  assert.deepEqual(await stored(database), [1, 3])
})

test('what a unit of work waited for others of its process is no time that another process held it up', async () => {
  let skippedMs = 0
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + skippedMs }
  using folder = temporaryFolder()
  const path = folder.file('t.db')
  await using database = await open(path, '?busy_timeout=5000', { clock })
  const other = new DatabaseSync(path)
  const released = Promise.withResolvers<void>()
  const holding = database.run(async () => {
    await database.execute(insert, [1, 'x'])
    await released.promise
  })
  const waiting = database.execute(insert, [2, 'y'])
  const end = database.onCommit(() => {
    end()
    other.exec('BEGIN IMMEDIATE')
    setTimeout(() => other.exec('COMMIT'), 20)
  })
  for (let i = 0; i < 50; i++) await undefined
  skippedMs = 6_000
  released.resolve()
  await Promise.all([holding, waiting])
  other.close()
  assert.deepEqual(await stored(database), [1, 2])
})

test('a statement that nobody awaits makes its unit of work fail, not hang', async () => {
  await using database = await open()
  const holding = database.run(async () => {
    await database.execute(insert, [1, 'x'])
    await systemClock.sleep(5)
  })
  let forgotten: Promise<unknown> | undefined
  const unit = database.run(async () => {
    forgotten = database.execute(insert, [2, 'y']).catch(() => {})
  })
  await assert.rejects(unit, { code: 'precondition_failed' })
  await Promise.all([holding, forgotten])
  assert.deepEqual(await stored(database), [1])
})
