import { setTimeout as sleep } from 'node:timers/promises'
import {
  countOf,
  openShop,
  type Role,
  type Urls,
  type Way,
} from '../../packages/portolan/test/messaging/crash/shop.ts'
import { brokerGround, databaseGround } from './ground.ts'
import { type Strikes, storm } from './storm.ts'
import type { Crash } from './suite.ts'

/** What a run ends with. */
export interface OutboxCounts extends Strikes {
  /** Orders that were committed. */
  readonly committed: number
  /** Those of them that had an effect. */
  readonly delivered: number
  /** Effects in all. */
  readonly effects: number
  readonly lost: number
  readonly duplicated_effects: number
  readonly out_of_order: number
}

const program = new URL('../../packages/portolan/test/messaging/crash/child.ts', import.meta.url)
const roles: readonly Role[] = ['publisher', 'publisher', 'consumer', 'consumer of batches']
const settleMs = 120_000

/** Orders that are published, and handled. */
export async function crashOutbox({
  database,
  broker,
  kills,
  naive,
  seed,
  say,
}: Crash): Promise<OutboxCounts> {
  await using ground = await databaseGround(database)
  await using carrier = broker === undefined ? undefined : await brokerGround(broker)
  const way: Way = naive ? 'naive' : carrier ? 'over a broker' : 'joined'
  const prefix = `prefix=crash-${seed}`
  const urls: Urls = {
    shop: ground.url,
    broker: carrier ? `${carrier.url}${carrier.url.includes('?') ? '&' : '?'}${prefix}` : '',
  }
  // A group gets what is published after it was first bound.
  await (await openShop(urls, way, 'consumer'))[Symbol.asyncDispose]()
  const strikes = await storm({
    program,
    processes: roles.map(role => [urls.shop, urls.broker, way, role]),
    grounds: carrier ? [ground, carrier] : [ground],
    ...{ kills, seed, say },
  })
  return { ...(await settledCount(urls, way)), ...strikes }
}

/** Lets one consumer finish what is left. */
async function settledCount(urls: Urls, way: Way) {
  await using shop = await openShop(urls, way, 'consumer')
  const giveUp = performance.now() + settleMs
  // What never settles is counted as it is.
  while (performance.now() < giveUp && !(await shop.settled())) await sleep(50)
  const { committed, effects, missing, doubled, disordered } = await countOf(shop.database)
  return {
    ...{ committed, delivered: committed - missing, effects },
    ...{ lost: missing, duplicated_effects: doubled, out_of_order: disordered },
  }
}
