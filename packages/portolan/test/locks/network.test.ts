import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { skipWithout } from 'portolan-engines'
import { faultyDatabase, faultyRedis } from './faults.ts'

const engines = [
  { name: 'Redis', skip: await skipWithout('redis'), open: () => faultyRedis() },
  { name: 'PostgreSQL', skip: await skipWithout('postgres'), open: () => faultyDatabase('postgres') },
  { name: 'MySQL or MariaDB', skip: await skipWithout('mysql'), open: () => faultyDatabase('mysql') },
]

for (const { name: engine, skip, open } of engines) {
  test(`${engine}: a lock outlives connections that are cut`, { skip }, async () => {
    await using place = await open()
    const name = randomUUID()
    await using lock = (await place.locks.acquire(name, { ttl: '2s' }))!
    for (let cut = 0; cut < 8; cut++) {
      place.proxy.cut()
      await pause(400)
      assert.equal(await place.direct.acquire(name, { wait: 0 }), undefined)
    }
    assert.equal(lock.held, true)
  })

  test(`${engine}: behind a network that swallows everything, the loss is told before anybody else has the lock`, {
    skip,
  }, async () => {
    await using place = await open()
    const name = randomUUID()
    const lock = (await place.locks.acquire(name, { ttl: '600ms' }))!
    place.proxy.freeze()
    const next = (await place.direct.acquire(name, { wait: '60s' }))!
    assert.equal(lock.signal.aborted, true)
    assert.equal(lock.held, false)
    assert.ok(next.token > lock.token)
    await next.release()

    place.proxy.thaw()
    place.proxy.cut()
    const again = (await place.locks.acquire(name, { wait: '60s' }))!
    assert.ok(again.token > next.token)
    await again.release()
  })

  test(`${engine}: one works at a time over a slow network`, { skip }, async () => {
    await using place = await open()
    place.proxy.delay(30)
    const name = randomUUID()
    let working = 0
    let worked = 0
    const work = async () => {
      assert.equal(++working, 1)
      await pause(1)
      working--
      worked++
    }
    const all = Array.from({ length: 6 }, (_, at) =>
      (at % 2 ? place.locks : place.direct).with(name, { wait: '60s' }, work),
    )
    await Promise.all(all)
    assert.equal(worked, 6)
  })

  for (const when of ['before', 'after'] as const) {
    test(`${engine}: an attempt whose connection is cut ${when} it arrived is made again`, {
      skip,
    }, async () => {
      await using place = await open()
      const name = randomUUID()
      place.proxy.cutAt(name, when)
      const lock = (await place.locks.acquire(name, { wait: '60s' }))!
      assert.equal(lock.held, true)
      assert.equal(await place.direct.acquire(name, { wait: 0 }), undefined)
      await lock.release()
      const next = (await place.direct.acquire(name, { wait: 0 }))!
      assert.ok(next, 'nothing is left behind')
      await next.release()
    })
  }
}
