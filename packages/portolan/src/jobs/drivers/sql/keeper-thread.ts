import { parentPort } from 'node:worker_threads'
import type { Database } from '../../../persistence/database.ts'
import { systemClock } from '../../../runtime/clock.ts'
import type { KeeperOrder } from './keeper.ts'

// Renews the lease of a worker whose event loop is blocked. As long as the worker gives a sign of life now and then, this thread does
// nothing, and has loaded nothing and no connection.

let order: KeeperOrder | undefined
let seenAt = 0
let renewedAt = 0
let opened: Promise<Database> | undefined
let renewing = false

parentPort!.on('message', (message: KeeperOrder | 'alive') => {
  seenAt = systemClock.monotonic()
  if (message === 'alive') return
  order = message
  look(order)
})

function look(given: KeeperOrder): void {
  const { leaseMs, blockedMs } = given
  systemClock.timer(leaseMs / 8, () => look(order!))
  const now = systemClock.monotonic()
  const silentMs = now - seenAt
  if (silentMs < leaseMs / 8 || silentMs > blockedMs) return
  // Ahead of the need: loading a client takes its time.
  if (!opened) {
    opened = open(given)
    opened.catch(() => {
      opened = undefined
    })
  }
  if (silentMs < leaseMs / 4 || now - renewedAt < leaseMs / 4 || renewing) return
  renewing = true
  void renew(given, opened)
    .catch(() => {
      // Tried again at the next look. The worker finds out by itself when it has lost the lease.
    })
    .finally(() => {
      renewing = false
    })
}

async function open({ database }: KeeperOrder): Promise<Database> {
  const { openDatabase } = await import('../../../persistence/open-database.ts')
  return openDatabase(database.url, database.options)
}

async function renew(
  { session, leaseMs, sql, machineTime }: KeeperOrder,
  database: Promise<Database>,
): Promise<void> {
  const sentAt = systemClock.monotonic()
  await (await database).execute(sql, [machineTime ? systemClock.now() : null, leaseMs, Number(session)])
  renewedAt = sentAt
}
