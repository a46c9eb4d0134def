import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { until } from '../../src/contracts/messaging-support.ts'
import type { Clock } from '../../src/index.ts'
import type { Claim } from '../../src/messaging/owned-shards.ts'
import { Ownership } from '../../src/messaging/ownership.ts'
import { shardCount } from '../../src/messaging/shards.ts'
import { migrations, namespace } from '../../src/messaging/tables.ts'
import type { Database } from '../../src/persistence/index.ts'
import { surroundings, systemClock } from '../../src/runtime/index.ts'
import { engines, openPlace } from './engines.ts'

const leaseMs = 400
const scopes = ['a', 'b']

for (const { engine, skip } of engines) {
  describe(`members that race for shards, on ${engine}`, { skip }, () => {
    test('at once and again and again: each shard has one owner at most, and in the end one', async () => {
      await using place = await openPlace(engine)
      const members: Member[] = []
      for (let i = 0; i < 4; i++) members.push(new Member(await place.open('shop')))
      try {
        await members[0]!.database.migrate(namespace, migrations)
        await Promise.all(members.map(member => member.join()))
        const watch = watchOver(members)
        // Renewals come late by up to twice the lease: leases end while their owners are about to renew them.
        for (const member of members) member.late = true
        await systemClock.sleep(8 * leaseMs)
        for (const member of members) member.late = false
        await until('the shards are shared by all', () =>
          scopes.every(scope => members.every(member => member.owned(scope).length === shardCount / 4)),
        )
        const [gone, ...rest] = members
        await gone!.ownership.stop()
        await until('the others have its shards', () =>
          scopes.every(scope => rest.flatMap(member => member.owned(scope)).length === shardCount),
        )
        assert.deepEqual(watch.stop(), [])
      } finally {
        for (const { ownership, database } of members) {
          await ownership.stop()
          await database.close()
        }
      }
    })

    test('a member whose renewal is under way when its lease ends keeps its shards', async () => {
      await using place = await openPlace(engine)
      await using database = await place.open('shop')
      await database.migrate(namespace, migrations)
      const [a, b] = [new Member(await place.open('shop')), new Member(await place.open('shop'))]
      try {
        a.stalled = true
        await a.join()
        const renew = (until: number) =>
          database.execute('UPDATE portolan_messaging_member SET lease_until = ?', [until])
        await renew(1)
        let joined: Promise<void> | undefined
        await database.run(async () => {
          await renew(systemClock.now() + 60_000)
          joined = b.join()
          await systemClock.sleep(100)
        })
        await joined
        assert.deepEqual(b.owned('a'), [])
        const rows = await database.query<{ shards: number }>(
          'SELECT COUNT(*) AS shards FROM portolan_messaging_shard WHERE owner IS NOT NULL GROUP BY owner',
        )
        assert.deepEqual(rows, [{ shards: scopes.length * shardCount }])
      } finally {
        for (const { ownership, database } of [a, b]) {
          await ownership.stop()
          await database.close()
        }
      }
    })
  })
}

class Member {
  readonly database: Database
  readonly ownership: Ownership
  /** Its timers come late, or not at all. */
  late = false
  stalled = false
  readonly #claims = new Map<string, Claim>()

  constructor(database: Database) {
    this.database = database
    const clock: Clock = {
      ...systemClock,
      timer: (delayMs, callback) =>
        systemClock.timer(delayMs + (this.late ? Math.random() * 2 * leaseMs : 0), () => {
          if (!this.stalled) callback()
        }),
    }
    this.ownership = new Ownership(database, leaseMs, surroundings({ clock }))
  }

  async join(): Promise<void> {
    const user = { busy: () => false, changed: () => {}, tookOver: () => {} }
    for (const scope of scopes) this.#claims.set(scope, await this.ownership.join(scope, user))
  }

  owned(scope: string): number[] {
    const claim = this.#claims.get(scope)
    return Array.from({ length: shardCount }, (_, shard) => shard).filter(shard => claim?.owns(shard))
  }
}

/** Looks all the time for shards that two members take for their own. */
function watchOver(members: readonly Member[]): { stop(): string[] } {
  const shared: string[] = []
  const timer = setInterval(() => {
    for (const scope of scopes) {
      const all = members.flatMap(member => member.owned(scope))
      if (new Set(all).size < all.length) shared.push(`${scope}: ${all.toSorted((a, b) => a - b)}`)
    }
  }, 1)
  return {
    stop() {
      clearInterval(timer)
      return shared
    },
  }
}
