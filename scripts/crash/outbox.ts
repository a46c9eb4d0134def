import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  countOf,
  openShop,
  type Role,
  type Urls,
  type Way,
} from '../../packages/portolan/test/messaging/crash/shop.ts'
import { readableMs } from '../lib/terminal.ts'
import { brokerGround, databaseGround, type Ground } from './ground.ts'

export interface OutboxCrash {
  readonly database: string | undefined
  readonly broker: string | undefined
  readonly kills: number
  readonly naive: boolean
  readonly seed: number
  say(text: string): void
}

/** What a run ends with. */
export interface OutboxCounts {
  /** Orders that were committed. */
  readonly committed: number
  /** Those of them that had an effect. */
  readonly delivered: number
  /** Effects in all. */
  readonly effects: number
  readonly lost: number
  readonly duplicated_effects: number
  readonly out_of_order: number
  readonly kills: number
  readonly pauses: number
  readonly restarts: number
  readonly cuts: number
}

const childPath = new URL('../../packages/portolan/test/messaging/crash/child.ts', import.meta.url)
/** Longer than the leases of the shop, 300 ms. */
const pauseMs = { least: 400, more: 900 }
/** Kills between two restarts of a server. */
const restartEvery = 10
const settleMs = 120_000

/** Kills, holds up, restarts and cuts until so many processes were killed; then counts. */
export async function crashOutbox({
  database,
  broker,
  kills,
  naive,
  seed,
  say,
}: OutboxCrash): Promise<OutboxCounts> {
  const random = randomOf(seed)
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

  const done = { kills: 0, pauses: 0, restarts: 0, cuts: 0 }
  const roles: readonly Role[] = ['publisher', 'publisher', 'consumer', 'consumer']
  const children = new Map<number, ChildProcess>()
  const spawn = (slot: number) => {
    const child = fork(childPath, [urls.shop, urls.broker, way, roles[slot]!], {
      execArgv: ['--conditions=source'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    children.set(slot, child)
    return child
  }
  try {
    for (const slot of roles.keys()) spawn(slot)
    await Promise.all([...children.values()].map(begun))
    const own = [ground, carrier].filter(each => each?.server !== undefined) as Ground[]
    const began = performance.now()
    while (done.kills < kills) {
      const slot = Math.floor(random() * roles.length)
      const child = children.get(slot)!
      await sleep(20 + random() * 150)
      if (random() < 0.3) {
        done.pauses++
        child.kill('SIGSTOP')
        await sleep(pauseMs.least + random() * pauseMs.more)
        child.kill('SIGCONT')
        continue
      }
      const cut = own[Math.floor(random() * own.length)]
      if (cut?.proxy && random() < 0.3) {
        done.cuts++
        if (cut === ground) cut.proxy.cutAt('COMMIT', random() < 0.5 ? 'before' : 'after')
        else cut.proxy.cut()
      }
      // One that has ended by itself, because what it stands on was away, is replaced and not counted.
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
        done.kills++
        if (done.kills % 10 === 0)
          say(`${done.kills} of ${kills} killed, ${readableMs(performance.now() - began)}`)
      }
      await begun(spawn(slot))
      const restarted = own[Math.floor(random() * own.length)]
      if (restarted && done.kills % restartEvery === 0) {
        done.restarts++
        await restarted.server!.kill()
        await sleep(random() * 500)
        await restarted.server!.restart()
      }
    }
  } finally {
    for (const child of children.values()) child.kill('SIGKILL')
  }
  const counted = await settledCount(urls, way)
  return { ...counted, ...done }
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

/** Resolves when it works, or has ended because it could not. */
function begun(child: ChildProcess): Promise<unknown> {
  return Promise.race([once(child, 'message'), once(child, 'exit')])
}

/** mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
