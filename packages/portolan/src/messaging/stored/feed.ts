import type { Surroundings } from '../../runtime/surroundings.ts'
import type { ConsumeRequest, Consumption, StoredDelivery, WireMessage } from '../driver.ts'
import { adaptive, Loop, type Pace } from '../loop.ts'
import type { Claim, ShardUser } from '../owned-shards.ts'
import type { Ownership } from '../ownership.ts'
import type { ReadAhead } from '../read-ahead.ts'
import { fromRow } from '../wire-row.ts'
import type { Deliveries, DeliveryRow, DeliveryTable } from './deliveries.ts'
import { DueQueue } from './due-queue.ts'

const kinds: Readonly<Record<DeliveryTable, { readonly scope: string; readonly pace: Pace }>> = {
  portolan_messaging_delivery: { scope: 'group', pace: adaptive },
  // What is tried again in this process wakes its feed by itself. What others add is rare, while commits, which hurry it, are not.
  portolan_messaging_retry: { scope: 'retry', pace: { least: 100, most: 1_000 } },
}

/** What a feed is asked for. */
export interface FeedRequest extends Pick<ConsumeRequest, 'group' | 'topics' | 'prefetch' | 'tookOver'> {
  /** As in `ConsumeRequest`. */
  deliver(delivery: StoredDelivery): void
}

/**
 * Delivers what waits for one group, in the shards that this process owns.
 *
 * Reading ahead locks nothing and writes nothing: what is in hand is known in memory alone, and a delivery ends with the delete
 * of its row. What was passed meanwhile is found again by scans: rows that were committed late, given back, or left behind a failed
 * one of their key.
 */
export class Feed implements Consumption, ShardUser {
  readonly #request: FeedRequest
  readonly #deliveries: Deliveries
  readonly #ownership: Ownership
  readonly #surroundings: Surroundings
  readonly #loop: Loop
  readonly #ahead: ReadAhead
  #claim: Claim | undefined
  readonly #held = new Map<number, HeldDelivery>()
  /** Failed ones, until they are due again. */
  readonly #waiting = new DueQueue()
  /** Keys with a failed one: nothing else of them is delivered before it is settled. */
  readonly #blocked = new Map<string, { readonly seq: number; passed: boolean }>()
  /** Settled since the last read was sent, which may still show them. */
  readonly #settled = new Set<number>()
  /** The last read was cut short by full hands. */
  #more = false

  constructor(
    request: FeedRequest,
    deliveries: Deliveries,
    ownership: Ownership,
    surroundings: Surroundings,
    ahead: ReadAhead,
  ) {
    this.#ahead = ahead
    this.#request = request
    this.#deliveries = deliveries
    this.#ownership = ownership
    this.#surroundings = surroundings
    const what = `read what waits for group '${request.group}'`
    this.#loop = new Loop(surroundings, what, () => this.#step(), kinds[deliveries.table].pace)
  }

  get topics(): readonly string[] {
    return this.#request.topics
  }

  get healthy(): boolean {
    return this.#loop.healthy
  }

  async start(): Promise<void> {
    this.#claim = await this.#ownership.join(this.#scope, this)
    this.#loop.start()
  }

  wake(): void {
    this.#loop.wake()
  }

  hurry(): void {
    this.#loop.hurry()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  async close(): Promise<void> {
    await this.#loop.stop()
    this.#held.clear()
    await this.#ownership.leave(this.#scope)
  }

  busy(shard: number): boolean {
    return [...this.#held.values()].some(delivery => delivery.shard === shard)
  }

  tookOver(): void {
    this.#request.tookOver()
  }

  /** What is remembered about rows may be another's now, or may be missing: their columns tell it again. */
  changed(): void {
    this.#waiting.clear()
    this.#blocked.clear()
    this.#ahead.startOver()
    this.#loop.wake()
  }

  settled({ seq, message: { key } }: HeldDelivery): void {
    this.#settled.add(seq)
    this.#unblock(key, seq)
    this.#drop(seq)
  }

  async postponed(delivery: HeldDelivery, delayMs: number, history: string): Promise<void> {
    const { seq, attempt, message } = delivery
    const dueAt = this.#surroundings.clock.now() + delayMs
    if (!(await this.#deliveries.postpone(this.#request.group, seq, attempt, dueAt, history))) {
      // Another member has settled it, or has counted this attempt: then it waits, and what follows it must not pass. Its row tells.
      this.#unblock(message.key, seq)
      this.#rewind(seq)
      return this.#drop(seq)
    }
    this.#postpone(seq, message.key, dueAt)
    this.#drop(seq)
  }

  released({ seq, message: { key } }: HeldDelivery): void {
    const block = key === undefined ? undefined : this.#blocked.get(key)
    if (block && block.seq !== seq) block.passed = true
    else this.#rewind(seq)
    this.#drop(seq)
  }

  get #scope(): string {
    return `${kinds[this.#deliveries.table].scope}:${this.#request.group}`
  }

  /** Fills the hands; resolves with the milliseconds until there may be more. */
  async #step(): Promise<number> {
    const { prefetch, group, topics } = this.#request
    const { clock } = this.#surroundings
    const shards = this.#claim?.shards()
    const { starts } = this.#ahead
    if (shards?.length === 0) return Infinity
    // Refilled by halves: a query for each single place would cost more than it brings.
    if (this.#held.size > prefetch / 2) {
      this.#more = true
      return Infinity
    }
    const began = clock.monotonic()
    this.#ahead.begin()
    await this.#deliverDue(prefetch - this.#held.size)
    const room = prefetch - this.#held.size
    if (room === 0) {
      this.#more = true
      return Infinity
    }
    const { position: after, passed } = this.#ahead
    // What is in hand is read again by a scan, and must not keep it from what comes after.
    const limit = this.#ahead.scanning ? prefetch : room
    this.#settled.clear()
    const rows = await this.#deliveries.read(group, topics, after, shards, limit)
    const keys = passed ? this.#keysOf(rows) : []
    const late = passed && keys.length > 0 ? await this.#deliveries.earlier(group, topics, passed, keys) : []
    // Rewound meanwhile: what comes first was not read.
    if (this.#ahead.position < after || this.#ahead.starts !== starts) return 0
    const before = this.#held.size
    let read = after
    this.#more = rows.length === limit
    for (const row of [...late, ...rows]) {
      // Full hands, or a lease that ran out since the read began: what would be passed over now must not come after what follows it.
      if (this.#held.size === prefetch || !this.#claim?.owns(row.shard)) {
        this.#more = true
        break
      }
      this.#consider(row)
      read = Math.max(read, row.seq)
    }
    this.#ahead.end(read, this.#more, clock.monotonic() - began)
    if (!this.#more) return Math.max(1, this.#waiting.next() - clock.now())
    // A long stretch of what has to wait must not keep the event loop.
    if (this.#held.size === before) await clock.sleep(0)
    return 0
  }

  async #deliverDue(room: number): Promise<void> {
    const due = this.#waiting.take(this.#surroundings.clock.now(), room)
    if (due.length === 0) return
    let rows: DeliveryRow[]
    try {
      rows = await this.#deliveries.some(this.#request.group, due)
    } catch (error) {
      // Their columns tell when they are due; the next scan reads them.
      this.changed()
      throw error
    }
    const gone = new Set(due)
    for (const row of rows) {
      gone.delete(row.seq)
      if (this.#claim?.owns(row.shard)) this.#consider(row)
    }
    if (gone.size === 0) return
    for (const [key, { seq }] of this.#blocked) if (gone.has(seq)) this.#unblock(key, seq)
  }

  /** Of what would be delivered. */
  #keysOf(rows: readonly DeliveryRow[]): string[] {
    const keys = new Set<string>()
    for (const { key } of rows) if (key !== null && !this.#blocked.has(key)) keys.add(key)
    return [...keys]
  }

  /** One of an owned shard. Whether it is owned is asked once: a lease may end at any moment, and what is passed over must be read again. */
  #consider(row: DeliveryRow): void {
    const { seq, due_at: dueAt } = row
    if (this.#held.has(seq) || this.#settled.has(seq) || this.#waiting.has(seq)) return
    const key = row.key ?? undefined
    const block = key === undefined ? undefined : this.#blocked.get(key)
    if (block && block.seq !== seq) {
      block.passed = true
    } else if (dueAt > this.#surroundings.clock.now()) {
      this.#postpone(seq, key, dueAt)
    } else {
      const message = fromRow(row, this.#request.group)
      const delivery = new HeldDelivery(this, this.#deliveries, row, this.#request.group, message)
      this.#held.set(seq, delivery)
      this.#request.deliver(delivery)
    }
  }

  #postpone(seq: number, key: string | undefined, dueAt: number): void {
    this.#waiting.add(seq, dueAt)
    if (key !== undefined && !this.#blocked.has(key)) this.#blocked.set(key, { seq, passed: false })
  }

  #unblock(key: string | undefined, seq: number): void {
    if (key === undefined) return
    const block = this.#blocked.get(key)
    if (block?.seq !== seq) return
    this.#blocked.delete(key)
    if (block.passed) this.#rewind(seq)
  }

  #rewind(seq: number): void {
    this.#ahead.rewind(seq - 1)
    this.#loop.wake()
  }

  #drop(seq: number): void {
    this.#held.delete(seq)
    if (this.#more && this.#held.size <= this.#request.prefetch / 2) this.#loop.wake()
  }
}

class HeldDelivery implements StoredDelivery {
  readonly seq: number
  readonly shard: number
  readonly attempt: number
  readonly message: WireMessage
  readonly #feed: Feed
  readonly #deliveries: Deliveries
  readonly #group: string
  #completed = false

  constructor(feed: Feed, deliveries: Deliveries, row: DeliveryRow, group: string, message: WireMessage) {
    this.#group = group
    this.seq = row.seq
    this.shard = row.shard
    this.attempt = row.failures + 1
    this.message = message
    this.#feed = feed
    this.#deliveries = deliveries
  }

  complete(others: readonly StoredDelivery[]): Promise<boolean> {
    const all = [this, ...(others as readonly HeldDelivery[])]
    for (const delivery of all) delivery.#completed = true
    return this.#deliveries.remove(
      this.#group,
      all.map(({ seq }) => seq),
    )
  }

  async ack(): Promise<void> {
    if (!this.#completed) await this.#deliveries.remove(this.#group, [this.seq])
    this.#feed.settled(this)
  }

  retry(delayMs: number, history: string): Promise<void> {
    return this.#feed.postponed(this, delayMs, history)
  }

  release(): void {
    this.#feed.released(this)
  }
}
