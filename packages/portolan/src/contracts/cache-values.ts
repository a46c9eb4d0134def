import assert from 'node:assert/strict'
import { defineCacheKey } from '../cache/index.ts'
import { type CacheCase, counting, everything, expired, money } from './cache-kit.ts'
import { failure } from './failure.ts'

const oddKeys = [
  ...['', ' ', 'a', 'A', 'á', 'a\u0301', 'ß', 'ss', '\0', '\n', ':', '*', '/', '%', "'", '\\', '😀'],
  ...[
    '\ud83d',
    '\ude00',
    '"\\ud83d"',
    '\ufffd',
    '__proto__',
    'state',
    'x'.repeat(10_000),
    'x'.repeat(10_001),
  ],
]

export const valueCases: readonly CacheCase[] = [
  {
    name: 'what is not there is undefined, and deleting it is no error',
    async run(harness) {
      const cache = await harness.join()
      assert.equal(await cache.get('a'), undefined)
      assert.equal(await cache.has('a'), false)
      await cache.delete('a')
      await cache.deleteByTag('t')
      await cache.deleteByTag()
      await cache.clear()
    },
  },
  {
    name: 'a value is kept, overwritten and deleted',
    async run(harness) {
      const cache = await harness.join()
      await cache.set('a', 1)
      await cache.set('a', 'two')
      assert.equal(await cache.get('a'), 'two')
      assert.equal(await cache.getOrSet('a', () => assert.fail('loaded')), 'two')
      await cache.delete('a')
      assert.equal(await cache.has('a'), false)
    },
  },
  {
    name: 'absence is kept like a value, for as long as it is told',
    async run(harness) {
      const cache = await harness.join()
      for (const nothing of [undefined, null]) {
        const key = String(nothing)
        const load = counting()
        const find = () => cache.getOrSet(key, async () => ((await load()) ? nothing : 1), { ttl: '1h' })
        assert.deepEqual([await find(), await find(), load.calls], [nothing, nothing, 1])
        assert.equal(await cache.has(key), true)
        await cache.set(key, nothing, { ttl: '1h', absentTtl: 1 })
        await expired(cache, key)
      }
    },
  },
  {
    name: 'a miss and a hit give the same, of every type',
    async run(harness) {
      for (const values of ['copied', 'frozen'] as const) {
        const cache = await harness.join({ types: [money], values })
        const key = `all ${values}`
        const given = [
          await cache.getOrSet(key, everything),
          await cache.getOrSet(key, () => assert.fail('loaded')),
        ]
        given.push((await cache.get(key)) as (typeof given)[0])
        for (const value of given) assert.deepStrictEqual(value, everything())
        await cache.set(`${key} set`, everything())
        assert.deepStrictEqual(await cache.get(`${key} set`), everything())
        for (const [name, value] of Object.entries(everything())) {
          await cache.set(`${key} ${name}`, value)
          assert.deepStrictEqual(await cache.get(`${key} ${name}`), value)
        }
      }
    },
  },
  {
    name: 'no two callers have the same object, nor the one that was set',
    async run(harness) {
      const cache = await harness.join()
      const given = { list: [1], map: new Map([['a', { b: 1 }]]), bytes: Buffer.from('a') }
      await cache.set('a', given)
      given.list.push(2)
      const first = (await cache.get('a')) as typeof given
      first.list.push(3)
      first.map.get('a')!.b = 2
      first.bytes[0] = 0
      assert.deepEqual(await cache.get('a'), {
        list: [1],
        map: new Map([['a', { b: 1 }]]),
        bytes: Buffer.from('a'),
      })
      const load = async () => ({ list: [1] })
      const together = await Promise.all([1, 2, 3].map(() => cache.getOrSet('b', load)))
      together[0]!.list.push(2)
      assert.deepEqual([together[1], together[2], await cache.get('b')], Array(3).fill({ list: [1] }))
    },
  },
  {
    name: 'asked for again and again, values of many forms are whole, and no two callers have the same',
    async run(harness) {
      const cache = await harness.join()
      const forms: readonly object[] = [
        { a: 1, 'b c': { d: [1, 2], e: null }, '"\\': undefined, 7: true, '\u2028': 1 },
        { lines: [{ of: 1 }, { of: 2 }], mixed: [{ of: 1 }, { other: 1 }, 1, null], deep: [[[{ a: [] }]]] },
        JSON.parse('{"__proto__":{"a":{"b":1}},"c":{"constructor":{"d":1}}}') as object,
        { at: new Date(5), inner: { map: new Map([['a', { b: 1 }]]), bytes: Buffer.from('a') } },
        Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`k${at}`, { at }])),
        Array.from({ length: 300 }, (_, at) => ({ at, list: [at] })),
        ...Array.from({ length: 600 }, (_, at) => ({ [`own ${at}`]: { at } })),
      ]
      for (const [at, form] of forms.entries()) await cache.set(`form ${at}`, form)
      for (let round = 0; round < 3; round++)
        for (const [at, form] of forms.entries()) {
          const value = (await cache.get(`form ${at}`)) as object
          assert.deepStrictEqual(value, form)
          spoil(value)
        }
    },
  },
  {
    name: 'frozen values cannot be changed by anybody, and shared ones are shared',
    async run(harness) {
      const frozen = await harness.join({ values: 'frozen' })
      const own = { list: [1], inner: { a: 1 } }
      await frozen.set('a', own)
      own.list.push(2)
      const value = (await frozen.get('a')) as typeof own
      assert.throws(() => value.list.push(3), TypeError)
      assert.throws(() => {
        value.inner.a = 2
      }, TypeError)
      assert.deepEqual(await frozen.get('a'), { list: [1], inner: { a: 1 } })
      // A date cannot be frozen, so what holds one is copied.
      await frozen.set('b', { at: new Date(5) })
      const copy = (await frozen.get('b')) as { at: Date }
      copy.at.setTime(6)
      assert.deepEqual(await frozen.get('b'), { at: new Date(5) })
      const shared = await harness.join({ values: 'shared' })
      // A key that nobody else tells of.
      await shared.set('c', own)
      assert.equal(await shared.get('c'), own)
    },
  },
  {
    name: 'what cannot be kept is refused, and told where it is',
    async run(harness) {
      const cache = await harness.join()
      class Unknown {}
      const ring: Record<string, unknown> = {}
      ring.self = { ring }
      const wrong: [unknown, string][] = [
        [() => 1, 'value'],
        [{ a: [1, { 'b c': () => 1 }] }, 'value.a[1]["b c"]'],
        [{ a: Symbol('s') }, 'value.a'],
        [{ [Symbol('s')]: 1 }, 'value'],
        [{ a: new Map([['k', new Unknown()]]) }, 'value.a.k'],
        [[new Set([new WeakMap()])], 'value[0]["(member)"]'],
        [ring, 'value.self.ring'],
        [{ a: Promise.resolve() }, 'value.a'],
        [{ price: new Error('no') }, 'value.price'],
      ]
      for (const [value, path] of wrong) {
        for (const error of [
          await failure(cache.set('a', value)),
          await failure(cache.getOrSet('a', () => ({ value }).value)),
        ]) {
          assert.equal(error.code, 'invalid_argument')
          if (!(value instanceof Promise)) assert.equal(error.details.path, path)
          assert.ok(error.message.startsWith(`${path}: `), error.message)
        }
      }
      assert.equal(await cache.has('a'), false)
    },
  },
  {
    name: 'keys of any characters and length are told apart',
    async run(harness) {
      const cache = await harness.join()
      await Promise.all(oddKeys.map((key, at) => cache.set(key, at)))
      const others = await harness.join()
      for (const each of [cache, others]) {
        const found = await Promise.all(oddKeys.map(key => each.get(key)))
        // One that shares nothing has nothing.
        if (found.some(value => value !== undefined))
          assert.deepEqual(
            found,
            oddKeys.map((_, at) => at),
          )
      }
      await cache.delete('a')
      assert.deepEqual(
        [await cache.has('a'), await cache.has('A'), await cache.has('á')],
        [false, true, true],
      )
    },
  },
  {
    name: 'keys that know their type are made of parts, no two alike',
    async run(harness) {
      const cache = await harness.join()
      const product = defineCacheKey<{ name: string }, [shop: string, id: number | string]>('product')
      const keys = [product('a', 1), product('a:1', ''), product('a\\', ':1'), product('a', '\\:1')]
      await Promise.all(keys.map((key, at) => cache.set(key, { name: String(at) })))
      for (const [at, key] of keys.entries()) assert.equal((await cache.get(key))?.name, String(at))
      const { name } = await cache.getOrSet(product('b', 2), () => ({ name: 'new' }))
      assert.equal(name, 'new')
    },
  },
  {
    name: 'a value of a mebibyte, and bytes of any kind',
    async run(harness) {
      const cache = await harness.join()
      const large = { text: 'ü'.repeat(2 ** 19), bytes: Buffer.alloc(2 ** 19, 0xfe) }
      await cache.set('large', large)
      assert.deepStrictEqual(await cache.get('large'), large)
      const all = Uint8Array.from({ length: 256 }, (_, at) => at)
      await cache.set('bytes', all)
      assert.deepStrictEqual(await cache.get('bytes'), all)
    },
  },
  {
    name: 'the memory is bounded by entries and by bytes, and keeps what is asked for',
    async run(harness) {
      const few = await harness.join({ maxEntries: 10 })
      await few.set('asked for', 1)
      for (let at = 0; at < 100; at++) {
        await few.getOrSet('asked for', () => assert.fail('evicted'))
        await few.set(`k${at}`, at)
      }
      assert.ok(few.stats().entries <= 10)
      assert.ok(few.stats().evictions >= 90)
      const small = await harness.join({ maxBytes: 100_000 })
      for (let at = 0; at < 20; at++) await small.set(`k${at}`, 'x'.repeat(20_000))
      await small.set('beyond all', 'x'.repeat(200_000))
      assert.ok(small.stats().bytes <= 100_000)
      assert.ok(small.stats().entries >= 3)
    },
  },
]

/** Changes all that can be changed in it. */
function spoil(value: object): void {
  for (const [key, each] of Object.entries(value)) {
    if (typeof each === 'object' && each !== null) spoil(each)
    if (!ArrayBuffer.isView(value)) Object.defineProperty(value, key, { value: 'spoilt' })
  }
  if (value instanceof Date) value.setTime(0)
  if (value instanceof Map) value.clear()
  if (ArrayBuffer.isView(value)) (value as Uint8Array).fill(0)
}
