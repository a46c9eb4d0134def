import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Contender, Measure, Trial } from '../suite.ts'
import { copying, copyingTagged, sharing, sharingTagged } from './memory-peers.ts'
import { type Peer, type PeerContender, rate } from './peer.ts'
import { check, productOf, someTags } from './value.ts'

const hot = 10_000
const herd = 1_000
const kept = 100_000

const keys = Array.from({ length: hot }, (_, at) => `product:${at}`)

type Work = (peer: Peer, name: string) => Promise<number>

/** Loads that never run, as what is asked for is there. */
const unexpected = async () => {
  throw new Error('It was not kept.')
}

const hit =
  (tags: readonly string[]): Work =>
  async peer => {
    for (const key of keys) await peer.getOrSet(key, async () => productOf(key), tags)
    check(await peer.getOrSet(keys[5]!, unexpected, tags), keys[5]!)
    const result = await rate(at => peer.getOrSet(keys[at % hot]!, unexpected, tags))
    await peer.clear()
    return result
  }

const set =
  (tags: readonly string[]): Work =>
  async peer => {
    const product = productOf('set')
    const result = await rate(at => peer.set(keys[at % hot]!, product, tags))
    check(await peer.getOrSet(keys[5]!, unexpected, tags), 'set')
    await peer.clear()
    return result
  }

const works: Readonly<Record<string, readonly [Measure, Work]>> = {
  hit: [{ unit: 'calls/s', better: 'higher' }, hit([])],
  miss: [
    { unit: 'calls/s', better: 'higher' },
    async peer => {
      const result = await rate(at => peer.getOrSet(`cold:${at}`, async () => productOf(`cold:${at}`), []))
      check(await peer.getOrSet('cold:5', unexpected, []), 'cold:5')
      await peer.clear()
      return result
    },
  ],
  set: [{ unit: 'calls/s', better: 'higher' }, set([])],
  'stampede of 1,000': [{ unit: 'callers/s', better: 'higher' }, stampede],
  'memory for 100,000': [{ unit: 'MiB', better: 'lower' }, memory],
}

const tagged: typeof works = {
  'hit, 1 tag': [{ unit: 'calls/s', better: 'higher' }, hit(someTags.slice(0, 1))],
  'hit, 10 tags': [{ unit: 'calls/s', better: 'higher' }, hit(someTags)],
  'set, 1 tag': [{ unit: 'calls/s', better: 'higher' }, set(someTags.slice(0, 1))],
  'set, 10 tags': [{ unit: 'calls/s', better: 'higher' }, set(someTags)],
}

/** Peers that let several load are not stopped: it is told. */
async function stampede(peer: Peer, name: string): Promise<number> {
  let loads = 0
  let herds = 0
  const start = performance.now()
  while (performance.now() - start < 250) {
    const key = `herd:${herds++}`
    const load = async () => {
      loads++
      await undefined
      return productOf(key)
    }
    const asked = await Promise.all(Array.from({ length: herd }, () => peer.getOrSet(key, load, [])))
    check(asked[herd - 1], key)
  }
  const seconds = (performance.now() - start) / 1_000
  await peer.clear()
  if (loads > herds && !stampeding.test(name))
    throw new Error(`${name} loaded ${loads} times for ${herds} keys.`)
  return (herds * herd) / seconds
}

/** Has no protection of its own. */
const stampeding = /^keyv$/

async function memory(peer: Peer): Promise<number> {
  const before = await heap()
  for (let at = 0; at < kept; at++) {
    const key = `kept:${at}`
    await peer.set(key, productOf(key), [])
  }
  const taken = (await heap()) - before
  check(await peer.getOrSet('kept:5', unexpected, []), 'kept:5')
  await peer.clear()
  return taken / 2 ** 20
}

async function heap(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  // What finalizers and timers held on to.
  await new Promise(resolve => setImmediate(resolve))
  collect()
  return process.memoryUsage().heapUsed
}

function trial(name: string, peers: readonly PeerContender[], of: typeof works): Trial {
  const label = (each: string) => `${name}: ${each}`
  return {
    name,
    apart: true,
    cases: Object.fromEntries(Object.entries(of).map(([each, [measure]]) => [label(each), measure])),
    contenders: peers.map(
      (contender): Contender<string> => ({
        name: contender.name,
        ...(contender.raw && { raw: true }),
        async open() {
          const peer = await contender.open()
          return {
            async round(cases) {
              const figures: Record<string, number> = {}
              for (const [each, [, work]] of Object.entries(of))
                if (cases.includes(label(each))) figures[label(each)] = await work(peer, contender.name)
              return figures
            },
            [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
          }
        },
      }),
    ),
  }
}

export const memoryTrials: readonly Trial[] = [
  trial('own values', copying, works),
  trial('own values, tags', copyingTagged, tagged),
  trial('one value for all', sharing, works),
  trial('one value for all, tags', sharingTagged, tagged),
]
