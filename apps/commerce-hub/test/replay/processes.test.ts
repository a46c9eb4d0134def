import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type DatabaseName, engineUrl, freshDatabase, skipWithout } from 'portolan-engines'
import { type ReplayArguments, replayArguments } from '../../src/replay/arguments.ts'
import { replay } from '../../src/replay/replay.ts'
import { sampleFolder } from './sample-folder.ts'

/** A shop of two processes sells what one would, wherever they cache. */

const folder = await sampleFolder(1_100)

async function plays(name: string, ground: Partial<ReplayArguments>): Promise<void> {
  const defaults = replayArguments([], folder.input) as ReplayArguments
  const result = await replay({ ...defaults, processes: 2, ...ground }, join(folder.path, name))
  const { orders, refunds, rejected, difference, lost, duplicated, problems } = result
  assert.deepEqual({ difference, lost, duplicated, problems }, agreed)
  assert.deepEqual([orders, refunds, rejected.refused_by_shop], [66, 3, undefined])
}

const agreed = { difference: '0.000', lost: 0, duplicated: 0, problems: [] }

const engines: readonly DatabaseName[] = ['postgres', 'mysql']
const withoutRedis = await skipWithout('redis')
const skips = await Promise.all(engines.map(async name => withoutRedis || (await skipWithout(name))))

describe('two processes sell what one would', () => {
  for (const cache of ['memory:', undefined])
    test(`over SQLite, the cache in ${cache ?? 'database:'}`, () => plays(`sqlite-${cache}`, { cache }))

  for (const [at, name] of engines.entries())
    test(`over ${name}, the cache in Redis`, { skip: skips[at]! }, async () => {
      await using fresh = await freshDatabase(name)
      await plays(name, { database: fresh.url, cache: await engineUrl('redis') })
    })
})
