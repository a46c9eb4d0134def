import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createLimits, databaseLimits } from 'portolan/limits'
import { openDatabase } from 'portolan/persistence'
import { freshDatabase, skipWithout, startProxy } from 'portolan-engines'
import { failure } from '../../src/contracts/failure.ts'

for (const engine of ['postgres', 'mysql'] as const) {
  test(`${engine}: behind a network that swallows everything, limits answer as they were told, and count again afterwards`, {
    skip: await skipWithout(engine),
    timeout: 120_000,
  }, async () => {
    await using place = await freshDatabase(engine)
    const target = new URL(place.url)
    await using proxy = await startProxy({ host: target.hostname, port: Number(target.port) })
    target.port = String(proxy.port)
    await using database = await openDatabase(`${target.href}?pool_max=2&statement_timeout=1s`)
    await using limits = createLimits({ driver: databaseLimits({ database }), timeout: '2s' })
    await limits.start()
    const open = limits.limiter('open', { limit: 2, per: '1h' })
    const strict = limits.limiter('strict', { limit: 1, per: '1h', whenDown: 'refuse' })
    let given = 0
    const take = async () => {
      const { allowed, counted } = await open.take('a')
      if (allowed && counted) given++
      return { allowed, counted }
    }
    while (!(await take()).counted) await pause(20)

    proxy.freeze()
    const taken = await Promise.all(Array.from({ length: 5 }, () => open.take('b')))
    assert.deepEqual(
      taken.map(({ allowed, counted }) => [allowed, counted]),
      Array(5).fill([true, false]),
    )
    const error = await failure(strict.take('b'))
    assert.deepEqual([error.code, error.retry], ['unavailable', 'later'])

    proxy.thaw()
    proxy.cut()
    // The quota of before, as the store still knows it.
    for (let last = await take(); last.allowed; last = await take()) if (!last.counted) await pause(20)
    assert.ok(given <= 2, `given ${given} times`)
  })
}
