import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readableMs } from '../lib/terminal.ts'
import type { Ground } from './ground.ts'

export interface StormOptions {
  /** What the processes run. It sends its parent a message when it works. */
  readonly program: URL
  /** The arguments of each process that runs at the same time. */
  readonly processes: readonly (readonly string[])[]
  /** What they stand on. */
  readonly grounds: readonly Ground[]
  readonly kills: number
  /** Of the random moments. */
  readonly seed: number
  say(text: string): void
}

/** What was done to the processes, and to what they stand on. */
export interface Strikes {
  readonly kills: number
  readonly pauses: number
  readonly restarts: number
  readonly cuts: number
}

/** Longer than the leases of the processes, 300 ms. */
const pauseMs = { least: 400, more: 900 }
/** Kills between two restarts of a server. */
const restartEvery = 10

/** Kills, holds up, restarts and cuts until so many processes were killed. Ends with none left. */
export async function storm(options: StormOptions): Promise<Strikes> {
  const { program, processes, grounds, kills, seed, say } = options
  const random = randomOf(seed)
  const done = { kills: 0, pauses: 0, restarts: 0, cuts: 0 }
  const children = new Map<number, ChildProcess>()
  const spawn = (slot: number) => {
    const child = fork(program, processes[slot]!, {
      execArgv: ['--conditions=source'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'portolan-compile-cache') },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    children.set(slot, child)
    return child
  }
  const oneOf = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]
  try {
    for (const slot of processes.keys()) spawn(slot)
    await Promise.all([...children.values()].map(begun))
    const own = grounds.filter(({ server }) => server !== undefined)
    const startedAt = performance.now()
    while (done.kills < kills) {
      const [slot, child] = oneOf([...children])!
      await sleep(20 + random() * 150)
      if (random() < 0.3) {
        done.pauses++
        child.kill('SIGSTOP')
        await sleep(pauseMs.least + random() * pauseMs.more)
        child.kill('SIGCONT')
        continue
      }
      const cut = oneOf(own)
      if (cut?.proxy && random() < 0.3) {
        done.cuts++
        if (cut.kind === 'database') cut.proxy.cutAt('COMMIT', random() < 0.5 ? 'before' : 'after')
        else cut.proxy.cut()
      }
      // One that has ended by itself, because what it stands on was away, is replaced and not counted.
      if (!hasEnded(child)) {
        await killed(child)
        done.kills++
        if (done.kills % 10 === 0)
          say(`${done.kills} of ${kills} killed, ${readableMs(performance.now() - startedAt)}`)
      }
      await begun(spawn(slot))
      const restarted = oneOf(own)
      if (restarted && done.kills % restartEvery === 0) {
        done.restarts++
        await restarted.server!.kill()
        await sleep(random() * 500)
        await restarted.server!.restart()
      }
    }
  } finally {
    await Promise.all([...children.values()].filter(child => !hasEnded(child)).map(killed))
  }
  return done
}

/** Resolves when it works, or has ended because it could not. */
function begun(child: ChildProcess): Promise<unknown> {
  return Promise.race([once(child, 'message'), once(child, 'exit')])
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
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
