import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { until } from '../../src/contracts/messaging-support.ts'
import { brokers, membersOf } from './brokers.ts'
import { attempts, group, openPoisoned, Placed, poison } from './crash/poisoned.ts'
import { openPlace } from './engines.ts'

/** Messages in all, in five keys: that of the poison and four others. */
const count = 100

// Which database it is makes no difference: what it needs of one is in the contract of persistence.
describe('a message that ends each process that handles it', { concurrency: true }, () => {
  test('is a dead letter after its attempts, and all others are handled once', async () => {
    await using place = await openPlace('sqlite')
    await survive(await place.url('shop'), '', 'exit')
  })

  const [broker] = brokers
  test(`is one over ${broker!.name}, too`, { skip: broker!.skip }, async () => {
    await using members = membersOf(broker!)
    members.bound(group, Placed.name)
    await using place = await openPlace('sqlite')
    await survive(await place.url('shop'), broker!.url, 'kill')
  })
})

async function survive(shop: string, broker: string, way: 'exit' | 'kill'): Promise<void> {
  await using bound = await openPoisoned(shop, broker)
  const { database } = bound
  await database.execute('CREATE TABLE effects (n INTEGER NOT NULL, attempt INTEGER NOT NULL)')
  // A group gets what is published after it was first bound.
  bound.messaging.subscribe(Placed, { group }, () => {
    throw new Error('not here')
  })
  await bound.messaging.start()
  await bound.messaging.stop()
  await using operator = await openPoisoned(shop, broker)
  await operator.messaging.start()
  await database.run(async () => {
    for (let n = 0; n < count; n++) await operator.messaging.publish(Placed, { n }, { key: `key ${n % 5}` })
  })
  let ends = 0
  let child: ChildProcess | undefined
  const stopped = new AbortController()
  const children = (async () => {
    while (!stopped.signal.aborted) {
      child = start(shop, broker, way)
      await once(child, 'exit')
      if (!stopped.signal.aborted) ends++
    }
  })()
  try {
    await until('the poison is given up, and the others are handled', async () => {
      // More would mean that it is delivered without end.
      assert.ok(ends <= attempts + 3, `${ends} processes have ended`)
      const [done] = await database.query<{ effects: number }>('SELECT COUNT(*) AS effects FROM effects')
      return (await operator.messaging.deadLetters.count()) === 1 && done!.effects >= count - 1
    })
  } finally {
    stopped.abort()
    child?.kill('SIGKILL')
    await children
  }
  const [letter] = await operator.messaging.deadLetters.list()
  assert.deepEqual(letter!.payload, { n: poison })
  assert.equal(letter!.reason, `The process that handled it ended each time: ${attempts} times.`)
  assert.equal(letter!.attempts, attempts)
  assert.deepEqual(
    letter!.history.map(({ attempt, reason, died }) => [attempt, /process.* ended/.test(reason), died]),
    [...Array.from({ length: attempts }, (_, n) => [n + 1, true, false]), [attempts, true, true]],
  )
  const effects = await database.query<{ n: number }>('SELECT n FROM effects')
  assert.deepEqual(
    effects.map(({ n }) => n).toSorted((a, b) => a - b),
    Array.from({ length: count }, (_, n) => n).filter(n => n !== poison),
  )
  assert.deepEqual(await database.query('SELECT begun FROM portolan_messaging_suspect'), [])
}

function start(shop: string, broker: string, way: 'exit' | 'kill'): ChildProcess {
  return fork(new URL('crash/poisoned-child.ts', import.meta.url), [shop, broker, way], {
    execArgv: ['--conditions=source'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'portolan-compile-cache') },
  })
}
