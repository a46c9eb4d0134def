import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from 'portolan/persistence'
import { surroundings } from 'portolan/runtime'
import { DeadMessages } from '../../src/messaging/dead-messages.ts'
import type { WireMessage } from '../../src/messaging/driver.ts'
import { migrations, namespace } from '../../src/messaging/tables.ts'

/** The dead letters of a database in memory, and what they send, batch by batch. */
async function morgue() {
  const database = await openDatabase('sqlite::memory:')
  await database.migrate(namespace, migrations)
  const batches: WireMessage[][] = []
  const send = async (messages: readonly WireMessage[]) => void batches.push([...messages])
  const letters = new DeadMessages(database, send, surroundings())
  return {
    letters,
    batches,
    bury: (count: number, payload: string) =>
      database.run(async () => {
        for (let n = 0; n < count; n++) {
          const message = { id: `m-${n}`, topic: 't', key: undefined, attributes: {}, payload, group: 'g' }
          await letters.add({ message, reason: 'no', stack: '', attempts: 1 })
        }
      }),
    [Symbol.asyncDispose]: () => database.close(),
  }
}

test('very many are replayed in batches, the oldest first, and those that die again meanwhile are left', async () => {
  await using place = await morgue()
  await place.bury(1_800, '{}')
  const told: string[] = []
  const onProgress = (done: number, total: number) => void told.push(`${done}/${total}`)
  const replayed = place.letters.replayAll({}, { onProgress })
  // One joins them while they are replayed.
  await place.letters.add({
    message: { ...{ id: 'late', topic: 't', key: undefined, attributes: {}, payload: '{}' }, group: 'g' },
    ...{ reason: 'no', stack: '', attempts: 1 },
  })
  const number = await replayed
  assert.deepEqual(
    place.batches
      .flat()
      .map(({ id }) => id)
      .slice(0, 1_800),
    Array.from({ length: 1_800 }, (_, n) => `m-${n}`),
  )
  assert.ok(place.batches.every(({ length }) => length <= 500))
  assert.equal(told.length, 4)
  assert.equal(number + (await place.letters.count()), 1_801)
})

test('a batch of large ones is short, so that memory is bounded by their size, too', async () => {
  await using place = await morgue()
  await place.bury(10, JSON.stringify('x'.repeat(1_500_000)))
  assert.equal(await place.letters.replayAll(), 10)
  assert.deepEqual(
    place.batches.map(({ length }) => length),
    [2, 2, 2, 2, 2],
  )
})

test('one that is larger than a batch goes alone, and discarding goes by batches as well', async () => {
  await using place = await morgue()
  await place.bury(2, JSON.stringify('x'.repeat(5_000_000)))
  let told = 0
  assert.equal(await place.letters.discardAll({ consumer: 'g' }, { onProgress: () => void told++ }), 2)
  assert.equal(told, 2)
  assert.equal(await place.letters.count(), 0)
})

test('one that is nested more deeply than a stack can hold is listed as the text that it is', async () => {
  await using place = await morgue()
  const nested = `${'[1,'.repeat(100_000)}1${']'.repeat(100_000)}`
  await place.bury(1, nested)
  const [letter] = await place.letters.list()
  assert.equal(letter!.payload, nested)
  assert.equal(JSON.parse(JSON.stringify(letter)).payload, nested)
})
