import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { openDatabase } from 'portolan/persistence'
import { systemClock } from 'portolan/runtime'
import { type Started, start } from './processes/start.ts'
import { temporaryFolder } from './temporary.ts'

test('a process killed in the middle of commits loses no unit of work that was acknowledged', async () => {
  using folder = temporaryFolder()
  const url = `sqlite:${folder.file('kept.db')}`
  const setup = await openDatabase(url)
  await setup.execute('CREATE TABLE kept (n integer, half integer, PRIMARY KEY (n, half))')
  await setup.close()
  const acknowledged = new Set<number>()
  for (let round = 0; round < 3; round++) {
    const { child, lines, ready, ended } = start('commit-until-killed', url, String(round * 1_000_000))
    await ready
    await systemClock.sleep(30 + Math.random() * 120)
    child.kill('SIGKILL')
    await ended
    for (const line of lines) acknowledged.add(Number(line))
  }
  await using database = await openDatabase(url)
  const rows = await database.query<{ n: number; halves: number }>(
    'SELECT n, count(*) AS halves FROM kept GROUP BY n',
  )
  const stored = new Map(rows.map(({ n, halves }) => [n, halves]))
  assert.ok(acknowledged.size > 0)
  for (const n of acknowledged) assert.equal(stored.get(n), 2, `${n} was acknowledged`)
  for (const [n, halves] of stored) {
    assert.equal(halves, 2, `${n} is half done`)
    assert.notEqual(n % 11, 0, `${n} was rolled back`)
  }
  assert.deepEqual(await database.query('PRAGMA integrity_check'), [{ integrity_check: 'ok' }])
})

test('several processes write to the same file, and no change is lost', async () => {
  using folder = temporaryFolder()
  const url = `sqlite:${folder.file('counter.db')}?busy_timeout=60000`
  await using database = await openDatabase(url)
  await database.execute('CREATE TABLE counter (n integer)')
  await database.execute('INSERT INTO counter VALUES (0)')
  const children = Array.from({ length: 3 }, () => start('count-up', url, '100'))
  await Promise.all(children.map(({ ended }) => ended))
  assert.deepEqual(await database.query('SELECT n FROM counter'), [{ n: 300 }])
})

test('while another process holds the lock, writes wait without blocking, then fail with a typed error', async () => {
  using folder = temporaryFolder()
  const path = folder.file('locked.db')
  await using database = await openDatabase(`sqlite:${path}?busy_timeout=300`)
  await database.execute('CREATE TABLE t (n integer)')
  await database.execute('INSERT INTO t VALUES (1)')
  const holder = start('hold-lock', path)
  await holder.ready
  const waiting = database.execute('INSERT INTO t VALUES (2)').catch((error: unknown) => error)
  const unit = database
    .run(() => database.execute('INSERT INTO t VALUES (3)'))
    .catch((error: unknown) => error)
  let turns = 0
  let ended = false
  for (const outcome of [waiting, unit]) {
    void outcome.then(() => {
      ended = true
    })
  }
  while (!ended) {
    await new Promise(resolve => setImmediate(resolve))
    if (turns++ % 50 === 0) assert.deepEqual(await database.query('SELECT n FROM t'), [{ n: 1 }])
  }
  for (const error of [await waiting, await unit]) {
    assert.ok(InfrastructureError.is(error, 'unavailable'))
    assert.equal(error.retry, 'later')
  }
  assert.ok(turns > 50, 'the event loop went on')
  await killed(holder)
  await database.execute('INSERT INTO t VALUES (4)')
  assert.deepEqual(await database.query('SELECT n FROM t ORDER BY n'), [{ n: 1 }, { n: 4 }])
})

test('writes go on as soon as another process lets go of the lock', async () => {
  using folder = temporaryFolder()
  const path = folder.file('locked.db')
  await using database = await openDatabase(`sqlite:${path}?busy_timeout=60000`)
  await database.execute('CREATE TABLE t (n integer)')
  const holder = start('hold-lock', path)
  await holder.ready
  const waiting = Promise.all([1, 2, 3].map(n => database.execute('INSERT INTO t VALUES (?)', [n])))
  await systemClock.sleep(20)
  await killed(holder)
  assert.deepEqual(await waiting, [1, 1, 1])
})

async function killed({ child, ended }: Started): Promise<void> {
  child.kill('SIGKILL')
  await ended
}
