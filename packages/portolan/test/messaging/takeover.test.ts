import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { haltingClock } from '../../src/contracts/halting-clock.ts'
import { effect, effects, fact, messageType, settled, until } from '../../src/contracts/messaging-support.ts'
import type { Clock } from '../../src/index.ts'
import { MessagingOperator } from '../../src/messaging/operator.ts'
import type { Claim } from '../../src/messaging/owned-shards.ts'
import { Ownership } from '../../src/messaging/ownership.ts'
import { shardCount } from '../../src/messaging/shards.ts'
import { migrations, namespace } from '../../src/messaging/tables.ts'
import { type Database, openDatabase } from '../../src/persistence/index.ts'
import { surroundings, systemClock } from '../../src/runtime/index.ts'
import { engines } from './engines.ts'
import { openHarness } from './harness.ts'

const Placed = messageType('shop.order.placed', fact)

for (const { engine, skip } of engines) {
  describe(`a member that does not answer, on ${engine}`, { concurrency: true, skip }, () => {
    for (const place of ['joined', 'apart'] as const) {
      test(`is replaced, and what it still does has no second effect (broker ${place})`, async () => {
        await using harness = await openHarness(place, { engine })
        using clock = haltingClock()
        const stalled = await harness.join([Placed], { clock, lease: '1s' })
        const resume = Promise.withResolvers<void>()
        using _ = { [Symbol.dispose]: resume.resolve }
        let begun = false
        let ended = false
        stalled.messaging.subscribe(Placed, { group: 'billing' }, async ({ data }) => {
          begun = true
          await resume.promise
          await effect(stalled.database, 'by the stalled one', data.n)
          ended = true
        })
        await stalled.messaging.start()
        await stalled.messaging.publish(Placed, { n: 1 }, { key: 'k' })
        await stalled.messaging.publish(Placed, { n: 2 }, { key: 'k' })
        await until('it has begun', () => begun)
        clock.halt()
        const other = await harness.join([Placed])
        other.messaging.subscribe(Placed, { group: 'billing' }, ({ data }) =>
          effect(other.database, 'by the other one', data.n),
        )
        await other.messaging.start()
        await settled(other)
        resume.resolve()
        await until('the handler has ended', () => ended)
        await stalled.messaging.drain(AbortSignal.timeout(10_000))
        assert.deepEqual(
          (await effects(other.database)).map(({ message, note }) => `${note} ${message}`),
          ['1 by the other one', '2 by the other one'],
        )
        assert.equal(await other.messaging.deadLetters.count(), 0)
      })
    }
  })
}

for (const { engine, skip } of engines) {
  test(`several relays share the outbox, and soon have the share of one that is gone, on ${engine}`, {
    skip,
  }, async () => {
    await using harness = await openHarness('apart', { engine })
    using clock = haltingClock()
    const lease = '500ms'
    const doomed = await harness.join([Placed], { clock, lease })
    const others = [await harness.join([Placed], { lease }), await harness.join([Placed], { lease })] as const
    const [{ messaging, database }] = others
    messaging.subscribe(Placed, { group: 'billing' }, ({ key, data }) => effect(database, key!, data.n))
    for (const member of [doomed, ...others]) await member.messaging.start()
    const shares = async () => {
      const { relays } = await new MessagingOperator(database).status()
      return relays.map(({ shards }) => shards).toSorted()
    }
    await until('three have a fair share each', async () => (await shares()).join() === '4,6,6')

    clock.halt()
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    for (let n = 0; n < 5; n++) for (const key of keys) await messaging.publish(Placed, { n }, { key })
    await until('two have half of it each', async () => (await shares()).join() === '8,8')
    await settled(...others)
    const done = await effects(database)
    for (const key of keys) {
      const ofKey = done.filter(({ message }) => message === key)
      assert.deepEqual(
        ofKey.map(({ note }) => Number(note)),
        [0, 1, 2, 3, 4],
      )
    }
  })
}

describe('the ownership of shards', () => {
  const leaseMs = 3_000
  const tickMs = leaseMs / 3
  const folders: string[] = []
  before(async () => {
    folders.push(await mkdtemp(join(tmpdir(), 'portolan-shards-')))
  })
  after(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  /** Members with a clock each, of which the test moves the hands. */
  async function scene(file: string) {
    const database = await openDatabase(`sqlite:${join(folders[0]!, file)}`)
    await database.migrate(namespace, migrations)
    const members: Member[] = []
    return {
      async member(): Promise<Member> {
        const member = new Member(database, leaseMs, members[0]?.clock.now() ?? 1_000_000)
        members.push(member)
        await member.join()
        return member
      },
      /** Time passes for all; those in `stopped` do nothing in it. */
      async pass(ms: number, stopped: readonly Member[] = []): Promise<void> {
        for (const member of members) await member.pass(ms, !stopped.includes(member))
      },
      async [Symbol.asyncDispose]() {
        for (const { ownership } of members) await ownership.stop()
        await database.close()
      },
    }
  }

  test('is whole for one, shared fairly by two, and taken back when one leaves', async () => {
    await using stage = await scene('fair.db')
    const a = await stage.member()
    assert.equal(a.owned().length, shardCount)
    assert.equal(a.claim!.shards(), undefined)
    const b = await stage.member()
    assert.equal(b.owned().length, 0)
    for (let i = 0; i < 3; i++) await stage.pass(tickMs)
    assert.equal(a.owned().length, shardCount / 2)
    assert.equal(b.owned().length, shardCount / 2)
    assert.equal(new Set([...a.owned(), ...b.owned()]).size, shardCount)
    await b.ownership.leave('test')
    await stage.pass(tickMs)
    assert.equal(a.owned().length, shardCount)
    // Everything was given back.
    assert.equal(a.takeovers + b.takeovers, 0)
  })

  test('is taken by a member that was held up for longer than its lease while it took it', async () => {
    await using database = await openDatabase(`sqlite:${join(folders[0]!, 'slow.db')}`)
    await database.migrate(namespace, migrations)
    let now = 1_000_000
    // Whenever somebody looks, longer than a lease has passed.
    const clock = { ...systemClock, now: () => (now += 2 * leaseMs) }
    const ownership = new Ownership(database, leaseMs, surroundings({ clock }))
    await ownership.join('test', { busy: () => false, changed: () => {}, tookOver: () => {} })
    const [row] = await database.query<{ owned: number }>(
      'SELECT COUNT(*) AS owned FROM portolan_messaging_shard WHERE owner IS NOT NULL',
    )
    assert.equal(row!.owned, shardCount)
    await ownership.stop()
  })

  test('changes hands only when nothing of the shard is in hand', async () => {
    await using stage = await scene('busy.db')
    const a = await stage.member()
    a.busy = true
    const b = await stage.member()
    for (let i = 0; i < 4; i++) await stage.pass(tickMs)
    // Nothing new is begun of half of them, but they are not free yet.
    assert.equal(a.owned().length, shardCount / 2)
    assert.equal(b.owned().length, 0)
    a.busy = false
    for (let i = 0; i < 2; i++) await stage.pass(tickMs)
    assert.equal(b.owned().length, shardCount / 2)
  })

  test('ends with the lease: first for the owner itself, then for the others', async () => {
    await using stage = await scene('lease.db')
    const a = await stage.member()
    const b = await stage.member()
    await stage.pass(leaseMs * 0.9, [a])
    assert.equal(a.owned().length, 0)
    assert.deepEqual(a.claim!.shards(), [])
    assert.equal(b.owned().length, 0)
    await stage.pass(tickMs, [a])
    assert.equal(b.owned().length, shardCount)
    assert.deepEqual([a.takeovers, b.takeovers], [0, 1])
    // It comes back as one that owns nothing, and gets a share again.
    await stage.pass(tickMs)
    assert.equal(a.owned().length, 0)
    for (let i = 0; i < 3; i++) await stage.pass(tickMs)
    assert.equal(a.owned().length, shardCount / 2)
    assert.equal(b.owned().length, shardCount / 2)
    assert.ok(a.changes > 1)
  })
})

class Member {
  readonly clock: Clock
  readonly ownership: Ownership
  claim: Claim | undefined
  busy = false
  changes = 0
  takeovers = 0
  readonly #database: Database
  readonly #timers = new Map<symbol, { at: number; callback: () => void }>()
  #now: number

  constructor(database: Database, leaseMs: number, now: number) {
    this.#database = database
    this.#now = now
    this.clock = {
      ...systemClock,
      now: () => this.#now,
      monotonic: () => this.#now,
      timer: (delayMs, callback) => {
        const id = Symbol('timer')
        this.#timers.set(id, { at: this.#now + delayMs, callback })
        return { cancel: () => this.#timers.delete(id) }
      },
    }
    this.ownership = new Ownership(database, leaseMs, surroundings({ clock: this.clock }))
  }

  async join(): Promise<void> {
    this.claim = await this.ownership.join('test', {
      busy: () => this.busy,
      tookOver: () => {
        this.takeovers++
      },
      changed: () => {
        this.changes++
      },
    })
    await this.#quiet()
  }

  owned(): number[] {
    return Array.from({ length: shardCount }, (_, shard) => shard).filter(shard => this.claim!.owns(shard))
  }

  async pass(ms: number, awake: boolean): Promise<void> {
    this.#now += ms
    if (!awake) return
    for (const [id, { at, callback }] of [...this.#timers]) {
      if (at > this.#now) continue
      this.#timers.delete(id)
      callback()
    }
    await this.#quiet()
  }

  /** What was begun has been committed: units of work end in the order of their beginning. */
  async #quiet(): Promise<void> {
    for (let i = 0; i < 3; i++)
      await this.#database.execute('UPDATE portolan_messaging_shard SET epoch = epoch')
  }
}
