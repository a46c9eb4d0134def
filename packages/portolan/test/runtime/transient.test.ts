import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TransientMap, TransientSet } from '../../src/runtime/transient.ts'

const keys = fc.integer({ min: 0, max: 150 })
const steps = fc.array(fc.tuple(fc.constantFrom('set', 'set', 'delete'), keys), {
  minLength: 200,
  maxLength: 1_000,
  size: 'max',
})

test('a map for what comes and goes holds what a map holds, in the same order', () => {
  fc.assert(
    fc.property(steps, all => {
      const [map, expected] = [new TransientMap<number, number>(), new Map<number, number>()]
      for (const [at, [step, key]] of all.entries()) {
        if (step === 'set') {
          map.set(key, at)
          expected.set(key, at)
        } else {
          map.delete(key)
          expected.delete(key)
        }
        assert.equal(map.get(key), expected.get(key))
        assert.equal(map.size, expected.size)
      }
      assert.deepEqual([...map.values()], [...expected.values()])
    }),
    { numRuns: 50 },
  )
})

test('members of a set may leave while it is gone through', () => {
  const set = new TransientSet<number>()
  for (let at = 0; at < 250; at++) set.add(at)
  const seen: number[] = []
  for (const each of set) {
    seen.push(each)
    set.delete(each)
  }
  assert.equal(seen.length, 250)
  assert.equal(set.size, 0)
})
