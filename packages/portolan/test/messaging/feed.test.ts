import assert from 'node:assert/strict'
import { test } from 'node:test'
import { surroundings, systemClock } from 'portolan/runtime'
import type { Delivery, StoredDelivery } from '../../src/messaging/driver.ts'
import type { ShardUser } from '../../src/messaging/owned-shards.ts'
import type { Ownership } from '../../src/messaging/ownership.ts'
import { ReadAhead } from '../../src/messaging/read-ahead.ts'
import type { Deliveries, DeliveryRow } from '../../src/messaging/stored/deliveries.ts'
import { Feed } from '../../src/messaging/stored/feed.ts'

test('what was read while the lease ran out is delivered first when it is renewed', {
  timeout: 20_000,
}, async () => {
  const rows = [1, 2, 3].map(row)
  let valid = true
  let reads = 0
  const deliveries = {
    table: 'portolan_messaging_delivery',
    async read(_group: string, _topics: unknown, after: number) {
      // The third one is committed only after the first read.
      const committed = rows.slice(0, reads++ === 0 ? 2 : 3)
      if (reads === 1) valid = false
      return committed.filter(({ seq }) => seq > after)
    },
  } as unknown as Deliveries
  const claim = { owns: () => valid, shards: () => (valid ? undefined : []) }
  const { feed, delivered, all } = feedOfThree(deliveries, async () => claim)
  await feed.start()
  while (reads === 0) await new Promise(setImmediate)
  await new Promise(setImmediate)
  assert.deepEqual(delivered, [])
  valid = true
  feed.wake()
  await all
  await feed.close()
  assert.deepEqual(delivered, ['m-1', 'm-2', 'm-3'])
})

test('a lease that runs out between one row and the next keeps nothing from being delivered first when it is renewed', {
  timeout: 20_000,
}, async () => {
  const rows = [1, 2, 3].map(row)
  let renewed = false
  let looks = 0
  let reads = 0
  const deliveries = {
    table: 'portolan_messaging_delivery',
    async read(_group: string, _topics: unknown, after: number) {
      reads++
      return rows.filter(({ seq }) => seq > after)
    },
  } as unknown as Deliveries
  // Valid for one more look.
  const owns = () => renewed || looks++ === 0
  const claim = { owns, shards: () => (renewed || looks === 0 ? undefined : []) }
  const { feed, delivered, all } = feedOfThree(deliveries, async () => claim)
  await feed.start()
  while (reads === 0) await new Promise(setImmediate)
  await new Promise(setImmediate)
  renewed = true
  feed.wake()
  await all
  await feed.close()
  assert.deepEqual(delivered, ['m-1', 'm-2', 'm-3'])
})

test('a share that grows during a read from the first row on is read from there again', {
  timeout: 20_000,
}, async () => {
  const rows = [{ ...row(1), shard: 1 }, row(2), { ...row(3), shard: 1 }]
  let mine = [0]
  let user: ShardUser | undefined
  const deliveries = {
    table: 'portolan_messaging_delivery',
    async read(_group: string, _topics: unknown, after: number, shards: readonly number[]) {
      const found = rows.filter(({ seq, shard }) => seq > after && shards.includes(shard))
      if (mine.length === 1) {
        mine = [0, 1]
        user!.changed()
      }
      return found
    },
  } as unknown as Deliveries
  const claim = { owns: (shard: number) => mine.includes(shard), shards: () => mine }
  const join = async (_scope: string, joined: ShardUser) => {
    user = joined
    return claim
  }
  const { feed, delivered, all } = feedOfThree(deliveries, join)
  await feed.start()
  await all
  await feed.close()
  assert.deepEqual(delivered, ['m-1', 'm-2', 'm-3'])
})

test('what fails here and elsewhere at once is waited for, and nothing of its key passes it', {
  timeout: 20_000,
}, async () => {
  const rows = [1, 2].map(row)
  let reads = 0
  const deliveries = {
    table: 'portolan_messaging_delivery',
    async read(_group: string, _topics: unknown, after: number) {
      reads++
      return structuredClone(rows.filter(({ seq }) => seq > after))
    },
    async some(_group: string, seqs: readonly number[]) {
      return structuredClone(rows.filter(({ seq }) => seqs.includes(seq)))
    },
    // Another member was quicker.
    async postpone(_group: string, seq: number) {
      Object.assign(rows.find(one => one.seq === seq)!, { failures: 1, due_at: systemClock.now() + 200 })
      return false
    },
    async remove(_group: string, seqs: readonly number[]) {
      for (const removed of seqs)
        rows.splice(
          rows.findIndex(({ seq }) => seq === removed),
          1,
        )
      return true
    },
  } as unknown as Deliveries
  const claim = { owns: () => true, shards: () => undefined }
  const ownership = { join: async () => claim, leave: async () => {} } as unknown as Ownership
  const delivered: StoredDelivery[] = []
  const request = {
    ...{ group: 'g', topics: ['placed'], prefetch: 10, tookOver() {} },
    deliver: (delivery: StoredDelivery) => void delivered.push(delivery),
  }
  const around = surroundings()
  const feed = new Feed(request, deliveries, ownership, around, new ReadAhead(around.clock, () => true))
  await feed.start()
  const arrived = async (count: number) => {
    while (delivered.length < count) await new Promise(setImmediate)
  }
  await arrived(2)
  await delivered[0]!.retry(200, '[]')
  delivered[1]!.release()
  const before = reads
  await arrived(3)
  assert.ok(reads > before)
  await delivered[2]!.complete([])
  await delivered[2]!.ack()
  await arrived(4)
  await feed.close()
  assert.deepEqual(
    delivered.map(({ message, attempt }) => [message.id, attempt]),
    [
      ['m-1', 1],
      ['m-2', 1],
      ['m-1', 2],
      ['m-2', 1],
    ],
  )
})

function row(seq: number): DeliveryRow {
  return {
    ...{ seq, shard: 0, id: `m-${seq}`, topic: 'placed', key: 'k', attributes: '{}', payload: '{}' },
    ...{ failures: 0, due_at: 0 },
  }
}

/** A feed of three rows, with what it has delivered; `all` resolves when that is all of them. */
function feedOfThree(deliveries: Deliveries, join: (scope: string, user: ShardUser) => Promise<unknown>) {
  const ownership = { join, leave: async () => {} } as unknown as Ownership
  const delivered: string[] = []
  const all = Promise.withResolvers<void>()
  const deliver = ({ message }: Delivery) => {
    if (delivered.push(message.id) === 3) all.resolve()
  }
  const request = { group: 'g', topics: ['placed'], prefetch: 10, deliver, tookOver() {} }
  const around = surroundings()
  const feed = new Feed(request, deliveries, ownership, around, new ReadAhead(around.clock, () => true))
  return { feed, delivered, all: all.promise }
}
