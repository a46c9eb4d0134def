import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import { contract } from './contract.ts'
import { failure } from './failure.ts'
import { alike, type LimitsCase, type LimitsHarness, member, persist, takeMany } from './limits-kit.ts'
import { oddTexts } from './odd-texts.ts'

export type { LimitsHarness } from './limits-kit.ts'

const hourMs = 3_600_000

/** Of both algorithms. */
const sharedCases = (['token_bucket', 'sliding_window'] as const).flatMap((algorithm): LimitsCase[] => [
  {
    name: `${algorithm}: the quota can be taken, and then no more`,
    async run(harness) {
      const limiter = alike({ algorithm, limit: 5, per: '1h' })(await member(harness))
      const taken = await takeMany(limiter, 'a', 7)
      assert.deepEqual(
        taken.map(({ allowed, remaining }) => [allowed, remaining]),
        [...[4, 3, 2, 1, 0].map(left => [true, left]), [false, 0], [false, 0]],
      )
      for (const { allowed, limit, retryAfterMs, resetMs, blocked, counted } of taken) {
        assert.deepEqual({ limit, blocked, counted }, { limit: 5, blocked: false, counted: true })
        assert.ok(allowed ? retryAfterMs === 0 : retryAfterMs > 0 && retryAfterMs <= 2 * hourMs)
        assert.ok(resetMs > 0 && resetMs <= 2 * hourMs)
      }
    },
  },
  {
    name: `${algorithm}: of many at once, from several processes, as many as fit are allowed`,
    async run(harness) {
      const make = alike({ algorithm, limit: 10, per: '1h' })
      const limiters = [make(await member(harness)), make(await member(harness))]
      const taken = await Promise.all(Array.from({ length: 40 }, (_, at) => limiters[at % 2]!.take('a')))
      assert.equal(taken.filter(({ allowed }) => allowed).length, 10)
    },
  },
  {
    name: `${algorithm}: a cost is taken whole or not at all`,
    async run(harness) {
      const limiter = alike({ algorithm, limit: 10, per: '1h' })(await member(harness))
      assert.equal((await limiter.take('a', 7)).remaining, 3)
      const refused = await limiter.take('a', 4)
      assert.deepEqual([refused.allowed, refused.remaining], [false, 3])
      const rest = await limiter.take('a', 3)
      assert.deepEqual([rest.allowed, rest.remaining], [true, 0])
      for (const cost of [0, -1, 11, Number.NaN, Number.POSITIVE_INFINITY])
        assert.equal((await failure(limiter.take('b', cost))).code, 'invalid_argument')
    },
  },
  {
    name: `${algorithm}: who waits as long as it is told is allowed again`,
    async run(harness) {
      const limiter = alike({ algorithm, limit: 4, per: '400ms' })(await member(harness))
      await takeMany(limiter, 'a', 4)
      const { limit, refusals } = await persist(limiter, 'a')
      assert.equal(limit.allowed, true)
      // Once, and again where a timer fires a little early.
      assert.ok(refusals <= 3, `refused ${refusals} times`)
    },
  },
  {
    name: `${algorithm}: keys of any characters and length, and limiters of other names, are told apart`,
    async run(harness) {
      const limits = await member(harness)
      const limiter = alike({ algorithm, limit: 1, per: '1h' })(limits)
      const other = alike({ algorithm, limit: 1, per: '1h' })(limits)
      for (const { take, allowed } of [
        { take: limiter, allowed: true },
        { take: limiter, allowed: false },
        { take: other, allowed: true },
      ]) {
        const taken = await Promise.all(oddTexts.map(key => take.take(key)))
        assert.deepEqual(
          oddTexts.filter((_, at) => taken[at]!.allowed !== allowed),
          [],
        )
      }
    },
  },
  {
    name: `${algorithm}: who goes on asking is blocked, everywhere, until it is forgiven`,
    async run(harness) {
      const make = alike({ algorithm, limit: 2, per: '1h', block: { after: 3, for: '10h' } })
      const [one, other] = [make(await member(harness)), make(await member(harness))]
      const taken = await takeMany(one, 'a', 6)
      assert.deepEqual(
        taken.map(({ blocked }) => blocked),
        [false, false, false, false, true, true],
      )
      const seen = await other.take('a')
      assert.deepEqual([seen.allowed, seen.blocked, seen.remaining], [false, true, 0])
      assert.ok(seen.retryAfterMs > 9 * hourMs && seen.retryAfterMs <= 10 * hourMs)
      assert.equal((await other.take('b')).allowed, true)
      await other.forgive('a')
      assert.deepEqual([(await other.take('a')).allowed, (await other.take('a')).allowed], [true, true])
    },
  },
  {
    name: `${algorithm}: a block ends`,
    async run(harness) {
      const limiter = alike({ algorithm, limit: 1, per: '50ms', block: { after: 1, for: '200ms' } })(
        await member(harness),
      )
      await limiter.take('a')
      const refused = await limiter.take('a')
      if (!refused.allowed) assert.equal(refused.blocked, true)
      const { limit } = await persist(limiter, 'a')
      assert.equal(limit.blocked, false)
    },
  },
  {
    name: `${algorithm}: the clocks of the machines may differ by days`,
    requires: 'ownClock',
    async run(harness) {
      const make = alike({ algorithm, limit: 3, per: '1h' })
      const at = (days: number) => ({ ...systemClock, now: () => systemClock.now() + days * 24 * hourMs })
      const late = make(await member(harness, at(-3)))
      const early = make(await member(harness, at(3)))
      const taken = [await late.take('a'), await early.take('a'), await late.take('a'), await early.take('a')]
      assert.deepEqual(
        taken.map(({ allowed }) => allowed),
        [true, true, true, false],
      )
    },
  },
])

const ownCases: readonly LimitsCase[] = [
  {
    name: 'a token bucket has a size of its own',
    async run(harness) {
      const limits = await member(harness)
      const small = alike({ limit: 100, per: '10h', burst: 2 })(limits)
      assert.deepEqual(
        (await takeMany(small, 'a', 3)).map(({ allowed }) => allowed),
        [true, true, false],
      )
      const large = alike({ limit: 1, per: '1h', burst: 3 })(limits)
      const taken = await takeMany(large, 'a', 4)
      assert.deepEqual(
        taken.map(({ allowed }) => allowed),
        [true, true, true, false],
      )
      assert.ok(taken[3]!.retryAfterMs <= hourMs, 'one unit comes back within the hour')
    },
  },
  {
    name: 'fractions are no reason to refuse what fits',
    async run(harness) {
      for (const limit of [3, 7, 11, 13]) {
        const limiter = alike({ limit, per: '1d' })(await member(harness))
        const taken = await takeMany(limiter, 'a', limit + 1)
        assert.equal(taken.filter(({ allowed }) => allowed).length, limit)
      }
    },
  },
  {
    name: 'limits that make no sense are refused',
    async run(harness) {
      const limits = await member(harness)
      const wrong = [
        () => limits.limiter('a', { limit: 0, per: '1s' }),
        () => limits.limiter('a', { limit: 1, per: 0 }),
        () => limits.limiter('a', { limit: 1, per: '1s', burst: -1 }),
        () => limits.limiter('a', { algorithm: 'sliding_window', limit: 1, per: '1s', burst: 2 }),
        () => limits.limiter('a', { limit: 1, per: '1s', block: { after: 0, for: '1s' } }),
        () => limits.limiter('a/b', { limit: 1, per: '1s' }),
      ]
      for (const make of wrong)
        assert.equal((await failure(Promise.resolve().then(make))).code, 'invalid_argument')
      limits.limiter('a', { limit: 1, per: '1s' })
      assert.throws(() => limits.limiter('a', { limit: 1, per: '1s' }), /already/)
    },
  },
]

/** What every driver of rate limits must do. Capabilities: `LimitCapabilities` of `portolan/limits`. */
export const limitsContract = contract<LimitsHarness>('limits', [...sharedCases, ...ownCases])
