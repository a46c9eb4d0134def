import assert from 'node:assert/strict'
import type { Logger } from '../ports/logger.ts'
import { silentLogger } from '../runtime/surroundings.ts'
import { type CacheCase, type CacheHarness, counting, until } from './cache-kit.ts'

const requires = 'faults'
const quick = { timeout: '1s', rest: '50ms' } as const

/** Behind connections that break. `one` is behind them, `other` is not. */
async function pair(harness: CacheHarness) {
  const warnings: string[] = []
  const logger: Logger = { ...silentLogger, warn: message => void warnings.push(message) }
  const one = await harness.join({ ...quick, logger })
  const other = await harness.join()
  return { one, other, faults: harness.faults!, warnings }
}

export const faultCases: readonly CacheCase[] = [
  {
    name: 'while nobody answers, the memory and the loads do, with one warning; what was kept is found afterwards',
    requires,
    async run(harness) {
      const { one, other, faults, warnings } = await pair(harness)
      await one.set('memory', 1)
      await other.set('behind', 1)
      faults.sever()
      const load = counting()
      assert.equal(await one.get('memory'), 1)
      assert.equal(await one.getOrSet('behind', async () => 'loaded'), 'loaded')
      for (let at = 0; at < 5; at++) await one.getOrSet(`cold ${at}`, load)
      assert.equal(load.calls, 5)
      await one.set('set', 1)
      assert.equal(await one.get('set'), 1)
      assert.equal(warnings.filter(text => text.includes('store')).length, 1)
      assert.ok(one.stats().storeFailures > 0)
      assert.notEqual((await one.health()).status, 'down')
      faults.restore()
      await other.set('after', 1)
      await until(async () => (await one.get('after')) === 1)
    },
  },
  {
    name: 'changes that could not be told are made up for: nothing stale is left',
    requires,
    async run(harness) {
      const { one, other, faults } = await pair(harness)
      for (const key of ['deleted', 'set', 'tagged'])
        await one.set(key, 'old', { tags: key === 'tagged' ? ['t'] : [] })
      for (const key of ['deleted', 'set', 'tagged'])
        await until(async () => (await other.get(key)) === 'old')
      faults.sever()
      await one.delete('deleted')
      await one.set('set', 'new')
      await one.deleteByTag('t')
      faults.restore()
      for (const key of ['deleted', 'set', 'tagged']) {
        await until(async () => (await other.get(key)) !== 'old')
        const third = await harness.join()
        await until(async () => (await third.get(key)) !== 'old')
      }
    },
  },
  {
    name: 'changes that were missed are noticed afterwards',
    requires,
    async run(harness) {
      const { one, other, faults } = await pair(harness)
      for (const key of ['deleted', 'set', 'tagged', 'same'])
        await one.set(key, 'old', { tags: key === 'tagged' ? ['t'] : [] })
      faults.sever()
      await other.delete('deleted')
      await other.set('set', 'new')
      await other.deleteByTag('t')
      faults.restore()
      await until(async () => (await one.get('deleted')) === undefined)
      await until(async () => (await one.get('set')) === 'new')
      await until(async () => (await one.get('tagged')) === undefined)
      assert.equal(await one.get('same'), 'old')
    },
  },
  {
    name: 'it works without a store from the start, and with it once that comes',
    requires,
    async run(harness) {
      harness.faults!.sever()
      const { one, other, faults } = await pair(harness)
      assert.equal(await one.getOrSet('a', () => 'loaded'), 'loaded')
      faults.restore()
      await other.set('b', 1)
      await until(async () => (await one.get('b')) === 1)
    },
  },
]
