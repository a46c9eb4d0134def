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
  /** Orders without an effect; while something is unsettled, those whose message still waits are among them. */
  readonly lost: number
  /** Messages that still waited, or were given up, when nobody got on with any. */
  readonly unsettled: number
  readonly duplicated_effects: number
  readonly out_of_order: number
}

const program = new URL('../../packages/portolan/test/messaging/crash/child.ts', import.meta.url)
const roles: readonly Role[] = ['publisher', 'publisher', 'consumer', 'consumer of batches']
/** Without any progress. */
const patienceMs = 120_000

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

/** Lets one consumer finish what is left, for as long as it gets on. Nobody contends with it: its lease is one that a busy machine keeps. */
async function settledCount(urls: Urls, way: Way) {
  await using shop = await openShop(urls, way, 'consumer', '10s')
  let unsettled = await shop.waiting()
  let least = unsettled
  let since = performance.now()
  while (unsettled > 0 && performance.now() < since + patienceMs) {
    await sleep(50)
    unsettled = await shop.waiting()
    if (unsettled < least) [least, since] = [unsettled, performance.now()]
  }
  const { committed, effects, missing, doubled, disordered } = await countOf(shop.database)
  return {
    ...{ committed, delivered: committed - missing, effects },
    ...{ lost: missing, unsettled, duplicated_effects: doubled, out_of_order: disordered },
  }
}
