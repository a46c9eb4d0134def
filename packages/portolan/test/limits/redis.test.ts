import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createLimits, type LimitOptions } from 'portolan/limits'
import { engineUrl, skipWithout } from 'portolan-engines'
import { redisLimits } from '../../src/limits/drivers/redis.ts'
import { parseRedisUrl } from '../../src/redis/index.ts'

const skip = await skipWithout('redis')
/** More than go in one command. */
const many = Array.from({ length: 250 }, (_, at) => at)

const rules: readonly Omit<LimitOptions, 'limit'>[] = [
  { per: '1d' },
  { per: '1d', block: { after: 1_000, for: '1h' } },
  { per: '1d', algorithm: 'sliding_window' },
]

for (const rule of rules) {
  test(`what is asked for at once gets each its own answer: ${JSON.stringify(rule)}`, { skip }, async () => {
    const driver = await redisLimits(parseRedisUrl(`${await engineUrl('redis')}?prefix=portolan-test`))
    await using limits = createLimits({ driver, timeout: '30s' })
    const limiter = limits.limiter(randomUUID(), { ...rule, limit: 300, whenDown: 'refuse' })
    const apart = await Promise.all(many.map(at => limiter.take(`key-${at}`, at + 1)))
    assert.deepEqual(
      apart.map(({ remaining }) => remaining),
      many.map(at => 299 - at),
    )
    const together = await Promise.all(many.map(() => limiter.take('one', 2)))
    assert.deepEqual(
      together.map(({ allowed, remaining }) => [allowed, remaining]),
      many.map(at => (at < 150 ? [true, 298 - 2 * at] : [false, 0])),
    )
  })
}
