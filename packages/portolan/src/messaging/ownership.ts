import type { Database } from '../persistence/database.ts'
import type { SqlStatement } from '../persistence/driver.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import { leaseClock } from '../persistence/lease-clock.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { Loop } from './loop.ts'
import { type Claim, OwnedShards, type ShardState, type ShardUser } from './owned-shards.ts'
import { shardCount } from './shards.ts'

/** Renewals in the time of a lease. */
const renewals = 3

/** Each statement sees what was committed before it, whatever the default of the server is. */
const committed = { isolation: 'read_committed' } as const

/**
 * Shares the shards of scopes among the processes that take part in them, by leases in the database.
 *
 * The leases are hints: they keep the order of a key and spare double work. That nothing is lost or takes effect twice never
 * depends on them. A process renews one lease for all that it owns. It stops using it, on the monotonic clock, before the others
 * take it for expired: the time runs from when the renewal was sent.
 */
export class Ownership {
  readonly #database: Database
  readonly #surroundings: Surroundings
  readonly #leaseMs: number
  readonly #member: string
  readonly #heartbeat: Loop
  readonly #claims = new Map<string, OwnedShards>()
  #validUntil = -Infinity
  #renewal: Promise<unknown> = Promise.resolve()

  constructor(database: Database, leaseMs: number, surroundings: Surroundings) {
    this.#database = database
    this.#surroundings = surroundings
    this.#leaseMs = Math.ceil(leaseMs)
    this.#member = surroundings.ids.next()
    const pace = { least: leaseMs / renewals, most: leaseMs / renewals }
    this.#heartbeat = new Loop(surroundings, 'renew the leases of messaging', () => this.#renew(), pace)
  }

  /** Takes part in `scope` until `leave`. Every member divides it into the same number of shards. */
  async join(scope: string, user: ShardUser, shards = shardCount): Promise<Claim> {
    await this.#prepare(scope, shards)
    const claim = new OwnedShards(user, shards, () => this.#surroundings.clock.monotonic() < this.#validUntil)
    this.#claims.set(scope, claim)
    await this.#renew()
    this.#heartbeat.start()
    return claim
  }

  /** Gives the shards of `scope` to whoever wants them. Idempotent. Never rejects: where the database cannot be reached, the lease ends. */
  async leave(scope: string): Promise<void> {
    const claim = this.#claims.get(scope)
    if (!claim) return
    this.#claims.delete(scope)
    claim.end()
    // One that is under way would join again.
    await this.#renewal
    try {
      await this.#database.run(() => this.#withdraw(scope), committed)
    } catch (error) {
      this.#surroundings.logger.warn(
        'The shards of messaging could not be given back; their lease will end.',
        {
          scope,
          error,
        },
      )
    }
  }

  async stop(): Promise<void> {
    await this.#heartbeat.stop()
    for (const scope of [...this.#claims.keys()]) await this.leave(scope)
  }

  /** The shards of a scope, which are there for good once one member has seen to it. */
  async #prepare(scope: string, shards: number): Promise<void> {
    const rows = await this.#database.query<{ shard: number }>(
      'SELECT shard FROM portolan_messaging_shard WHERE scope = ?',
      [scope],
    )
    if (rows.length === shards) return
    await this.#database.run(async () => {
      for (let shard = 0; shard < shards; shard++)
        await insertIfAbsent(this.#database, 'portolan_messaging_shard', { scope, shard })
    })
  }

  /** One at a time: each begins with what the one before has found. */
  #renew(): Promise<number> {
    const renewal = this.#renewal.then(async () => {
      const sent = this.#surroundings.clock.monotonic()
      const changes = await this.#database.run(() => this.#exchange(), committed)
      this.#validUntil = sent + this.#leaseMs * (1 - 1 / (2 * renewals))
      for (const [claim, { state, bereft }] of changes) {
        if (bereft) claim.user.tookOver()
        claim.replace(state)
      }
      return Infinity
    })
    this.#renewal = renewal.catch(() => {})
    return renewal
  }

  /**
   * In one transaction: renews the lease, takes what is free up to a fair share, and gives back what is beyond it.
   *
   * A member whose lease has ended is removed before anybody takes its shards. Removing it and renewing its lease exclude each
   * other by the lock on its row: whoever was removed is told by its next renewal, and whoever renewed is not removed.
   */
  async #exchange(): Promise<Map<OwnedShards, Change>> {
    const changes = new Map<OwnedShards, Change>()
    // In the same order everywhere, so that two members cannot wait for each other.
    for (const [scope, claim] of [...this.#claims].sort(byScope)) {
      const renewed = await this.#renewIn(scope)
      const state = renewed ? claim.state() : await this.#enter(scope)
      const share = Math.ceil(claim.count / (await this.#members(scope)))
      const given = await this.#giveBack(scope, claim, state, share)
      const taken = await this.#take(scope, state, share)
      if (given || taken !== 'none' || !renewed) changes.set(claim, { state, bereft: taken === 'bereft' })
    }
    return changes
  }

  #now(): SqlStatement {
    return leaseClock(this.#database, this.#surroundings.clock)
  }

  async #renewIn(scope: string): Promise<boolean> {
    const now = this.#now()
    const renewed = await this.#database.execute(
      `UPDATE portolan_messaging_member SET lease_until = ${now.sql} + ?
       WHERE scope = ? AND member = ? AND lease_until >= ${now.sql}`,
      [...now.parameters, this.#leaseMs, scope, this.#member, ...now.parameters],
    )
    return renewed > 0
  }

  /** A lease begins: the first, or one after an expired one, whose shards may be in other hands by now. */
  async #enter(scope: string): Promise<ShardState> {
    await this.#withdraw(scope)
    const now = this.#now()
    await this.#database.execute(
      `INSERT INTO portolan_messaging_member (scope, member, lease_until) VALUES (?, ?, ${now.sql} + ?)`,
      [scope, this.#member, ...now.parameters, this.#leaseMs],
    )
    return { owned: new Map(), leaving: new Set() }
  }

  async #withdraw(scope: string): Promise<void> {
    await this.#database.execute('DELETE FROM portolan_messaging_member WHERE scope = ? AND member = ?', [
      scope,
      this.#member,
    ])
    await this.#database.execute(
      'UPDATE portolan_messaging_shard SET owner = NULL WHERE scope = ? AND owner = ?',
      [scope, this.#member],
    )
  }

  /** How many take part in `scope`; those whose lease has ended do not any more. */
  async #members(scope: string): Promise<number> {
    const now = this.#now()
    const rows = await this.#database.query<{ member: string; late: number }>(
      `SELECT member, CASE WHEN lease_until < ${now.sql} THEN 1 ELSE 0 END AS late
       FROM portolan_messaging_member WHERE scope = ? ORDER BY member`,
      [...now.parameters, scope],
    )
    let members = rows.length
    for (const { member, late } of rows) {
      // This one has just renewed, however long the way to here took: the others judge it.
      if (late === 0 || member === this.#member) continue
      members -= await this.#database.execute(
        `DELETE FROM portolan_messaging_member WHERE scope = ? AND member = ? AND lease_until < ${now.sql}`,
        [scope, member, ...now.parameters],
      )
    }
    return members
  }

  /** Resolves with whether there were any, and some that their owner had not given back. */
  async #take(scope: string, state: ShardState, share: number): Promise<'none' | 'free' | 'bereft'> {
    let taken: 'none' | 'free' | 'bereft' = 'none'
    while (state.owned.size < share) {
      const free = await this.#database.query<{ shard: number; epoch: number; owner: string | null }>(
        `SELECT shard, epoch, owner FROM portolan_messaging_shard WHERE scope = ? AND (owner IS NULL OR owner NOT IN (
           SELECT member FROM portolan_messaging_member WHERE scope = ?
         )) ORDER BY shard LIMIT ?`,
        [scope, scope, share - state.owned.size],
      )
      if (free.length === 0) break
      for (const { shard, epoch, owner } of free) {
        // Of two that want it at once, the epoch lets one have it; the other looks for what is left.
        const won = await this.#database.execute(
          `UPDATE portolan_messaging_shard SET owner = ?, epoch = epoch + 1
           WHERE scope = ? AND shard = ? AND epoch = ?`,
          [this.#member, scope, shard, epoch],
        )
        if (won === 0) continue
        state.owned.set(shard, epoch + 1)
        if (owner !== null) taken = 'bereft'
        else if (taken === 'none') taken = 'free'
      }
    }
    return taken
  }

  /** In two steps: nothing new of the shard is begun, and when nothing of it is in hand any more, it is free. */
  async #giveBack(scope: string, claim: OwnedShards, state: ShardState, share: number): Promise<boolean> {
    let changed = false
    for (const shard of state.leaving) {
      if (claim.user.busy(shard)) continue
      // The epoch fences: were the shard in its next hands already, those would keep it.
      await this.#database.execute(
        'UPDATE portolan_messaging_shard SET owner = NULL WHERE scope = ? AND shard = ? AND owner = ? AND epoch = ?',
        [scope, shard, this.#member, state.owned.get(shard)!],
      )
      state.owned.delete(shard)
      state.leaving.delete(shard)
      changed = true
    }
    for (const shard of state.owned.keys()) {
      if (state.owned.size - state.leaving.size <= share) break
      if (state.leaving.has(shard)) continue
      state.leaving.add(shard)
      changed = true
    }
    return changed
  }
}

function byScope([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

interface Change {
  readonly state: ShardState
  /** Some of the shards were not given back by their last owner. */
  readonly bereft: boolean
}
