import { Worker } from 'node:worker_threads'
import type { DatabaseAddress } from '../../../persistence/database.ts'
import type { LeaseKeeper } from '../../driver.ts'

/** What the thread is to do, once the worker has been silent for a quarter of its lease. */
export interface KeeperOrder {
  readonly database: DatabaseAddress
  readonly session: string
  readonly leaseMs: number
  /** A worker that is silent for longer is given up: its handler will not come back. */
  readonly blockedMs: number
  /** Renews a session; takes the store's time, the lease and the session. */
  readonly sql: string
  /** Whether the statement is given the machine's time, instead of asking the engine's clock. */
  readonly machineTime: boolean
}

/** Starts a thread that keeps a session while the event loop of this one is blocked. It does not keep the process alive. */
export function keepInThread(order: KeeperOrder): LeaseKeeper {
  // Named as it is named on disk: sources in development, JavaScript in the package.
  const file = import.meta.url.endsWith('.ts') ? './keeper-thread.ts' : './keeper-thread.js'
  const thread = new Worker(new URL(file, import.meta.url), { name: 'portolan-jobs-lease' })
  // It is a safety net: without it, a blocked worker loses its lease, and nothing else.
  thread.on('error', () => {})
  thread.unref()
  thread.postMessage(order)
  return {
    alive() {
      thread.postMessage('alive')
    },
    async stop() {
      await thread.terminate()
    },
  }
}
