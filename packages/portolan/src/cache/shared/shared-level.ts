import type { Surroundings } from '../../runtime/surroundings.ts'
import { type SpanDescription, tracer, withSpan } from '../../runtime/telemetry.ts'
import type { CacheStore, StoredEntry, StoreRead, Tick } from '../driver.ts'
import { down, Guard } from '../guard.ts'
import type { Change } from '../news.ts'
import type { Stats } from '../stats.ts'
import { decodeFrame, encodeFrame, type Format, type Frame, type Read, type Unusable } from './frame.ts'
import { Repairs } from './repairs.ts'

/** Deletions are remembered in the store at least for so long, against loads that were under way. */
const rememberMs = 120_000
/** Beyond it, the marks that are known here are asked for anew. */
const mostMarks = 30_000

/** What the store has said about a key. */
export interface Seen {
  /** What a load that begins now is to be written with. */
  readonly birth: Tick
  readonly found: (Read & { readonly ageMs: number }) | undefined
}

export interface SharedOptions {
  readonly store: CacheStore
  readonly format: Format
  readonly timeoutMs: number
  readonly restMs: number
  /** Tells other processes of a change that the store has come to know late. */
  tell(change: Change): void
}

/** The store behind the memory: what it holds is judged by the marks of its tags, and what it missed while it was down is made up for. */
export class SharedLevel {
  readonly #store: CacheStore
  readonly #format: Format
  readonly #stats: Stats
  readonly #around: Surroundings
  readonly #guard: Guard
  readonly #restMs: number
  readonly #repairs: Repairs
  readonly #spans = tracer('cache')
  readonly #span: SpanDescription
  readonly #marks = new Map<string, Tick>()
  /** All marks up to here are known. */
  #knownAt: Tick = 0
  #learning: Promise<void> | undefined
  #retrying = false
  #closed = false

  constructor({ store, format, timeoutMs, restMs, tell }: SharedOptions, stats: Stats, around: Surroundings) {
    this.#store = store
    this.#repairs = new Repairs(tell)
    this.#format = format
    this.#stats = stats
    this.#around = around
    this.#restMs = restMs
    this.#span = { kind: 'client', attributes: { 'portolan.cache.store': store.name } }
    const what = 'The store of the cache'
    const before = () => this.#repairs.apply(store, rememberMs)
    const failed = () => {
      stats.storeFailures++
    }
    this.#guard = new Guard(store, { what, timeoutMs, restMs, before, failed }, around)
  }

  get resting(): boolean {
    return this.#guard.resting
  }

  get pending(): number {
    return this.#repairs.pending
  }

  /** Connects, where that is possible in time. */
  async start(): Promise<void> {
    await this.#guard.ask(async () => {})
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#store.close()
  }

  /** `undefined`: it cannot be asked. */
  async read(key: string): Promise<Seen | undefined> {
    const answer = await this.#ask('cache.read', () =>
      this.#store.read(key).then(read => this.#withMarks(read)),
    )
    if (answer === down) return undefined
    const birth = Math.max(answer.markedAt || this.#knownAt, answer.deletedAt, answer.entry?.tick ?? 0)
    const decoded = answer.entry && decodeFrame(answer.entry.bytes, this.#format)
    const read = decoded instanceof Promise ? await decoded : decoded
    const found = read && this.#judge(read, answer.entry!, answer.markedAt)
    if (found) this.#stats.storeHits++
    else this.#stats.storeMisses++
    return { birth, found }
  }

  /** What a load has come to. `false`: it was overtaken by a change, and is not kept. */
  async fill(key: string, value: unknown, frame: Frame, birth: Tick): Promise<boolean> {
    const entry = { lifeMs: frame.goneMs, birth, tags: frame.tags }
    const bytes = await encodeFrame(value, frame, this.#format)
    return (await this.#ask('cache.write', () => this.#store.write(key, { ...entry, bytes }))) !== false
  }

  async set(key: string, value: unknown, frame: Frame, change: Change): Promise<void> {
    const entry = { lifeMs: frame.goneMs, birth: undefined, tags: frame.tags }
    const bytes = await encodeFrame(value, frame, this.#format)
    const answer = await this.#ask('cache.write', () => this.#store.write(key, { ...entry, bytes }))
    if (answer === down) this.#repairLater(() => this.#repairs.key(key, change))
  }

  async remove(key: string, change: Change): Promise<void> {
    const answer = await this.#ask('cache.remove', () => this.#store.remove(key, rememberMs))
    if (answer === down) this.#repairLater(() => this.#repairs.key(key, change))
  }

  /** Each tag with how others are told of it. */
  async mark(tags: readonly (readonly [tag: string, change: Change])[]): Promise<void> {
    const answer = await this.#ask('cache.mark', () => this.#store.mark(tags.map(([tag]) => tag)))
    if (answer !== down) return
    this.#repairLater(() => {
      for (const [tag, change] of tags) this.#repairs.tag(tag, change)
    })
  }

  #ask<T>(name: string, work: () => Promise<T>): Promise<T | typeof down> {
    return this.#guard.ask(() => withSpan(this.#spans, name, this.#span, work))
  }

  /** The marks that it takes to judge what was read are known then. */
  #withMarks(read: StoreRead): StoreRead | Promise<StoreRead> {
    const { entry, markedAt } = read
    const known = markedAt !== 0 && (!entry || entry.tick >= markedAt || markedAt <= this.#knownAt)
    return known ? read : this.#learn().then(() => read)
  }

  #judge(read: Read | Unusable, { tick, ageMs }: StoredEntry, markedAt: Tick): Seen['found'] {
    if (typeof read === 'string') {
      this.#stats[read]++
      return undefined
    }
    const { value, size, frame } = read
    if (tick < markedAt || markedAt === 0) {
      if (this.#markedSince('', tick)) return undefined
      if (frame.tags.some(tag => this.#markedSince(tag, tick))) return undefined
    }
    return { value, size, frame, ageMs }
  }

  #markedSince(tag: string, tick: Tick): boolean {
    return (this.#marks.get(tag) ?? 0) > tick
  }

  #learn(): Promise<void> {
    this.#learning ??= this.#learnMarks().finally(() => {
      this.#learning = undefined
    })
    return this.#learning
  }

  async #learnMarks(): Promise<void> {
    if (this.#marks.size > mostMarks) {
      this.#marks.clear()
      this.#knownAt = 0
    }
    for (const [tag, at] of await this.#store.marks(this.#knownAt)) {
      this.#marks.set(tag, at)
      this.#knownAt = Math.max(this.#knownAt, at)
    }
  }

  /** Also when nobody asks: others would read what was changed here. */
  #repairLater(add: () => void): void {
    add()
    if (this.#retrying || this.#closed) return
    this.#retrying = true
    this.#around.clock.timer(this.#restMs + 1, async () => {
      await this.#guard.ask(async () => {})
      this.#retrying = false
      if (this.#repairs.pending > 0) this.#repairLater(() => {})
    })
  }
}
