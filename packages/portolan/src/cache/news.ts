import type { Surroundings } from '../runtime/surroundings.ts'
import type { CacheBus } from './driver.ts'
import { down, Guard } from './guard.ts'
import type { Stats } from './stats.ts'

/** A key or tag that was changed in a namespace, or all of it. */
export type Change =
  | readonly [path: string, what: 'key' | 'tag', name: string]
  | readonly [path: string, what: 'all']

/** Changes in one message at most, and waiting to be told; beyond it, others are told to doubt all that they have. */
const mostTold = 200
const mostWaiting = 10_000

export interface Newsreader {
  changed(change: Change): void
  /** Changes may have been missed. */
  missed(): void
}

export interface NewsOptions {
  readonly bus: CacheBus
  readonly timeoutMs: number
  readonly restMs: number
}

/** Tells other processes of changes, and is told of theirs. What cannot be told is told later. */
export class News {
  readonly #bus: CacheBus
  readonly #own: string
  readonly #guard: Guard
  readonly #reader: Newsreader
  readonly #stats: Stats
  readonly #around: Surroundings
  readonly #restMs: number
  #waiting: Change[] = []
  /** What waited was too much to remember. */
  #overflowed = false
  #telling: Promise<void> | undefined
  #pausing = false
  #closed = false
  #heard = false

  constructor(
    { bus, timeoutMs, restMs }: NewsOptions,
    reader: Newsreader,
    stats: Stats,
    around: Surroundings,
  ) {
    this.#bus = bus
    this.#reader = reader
    this.#stats = stats
    this.#around = around
    this.#restMs = restMs
    this.#own = around.ids.next()
    const open = () => bus.open({ receive: message => this.#receive(message), gap: () => this.#gap() })
    const failed = () => {
      stats.busFailures++
    }
    this.#guard = new Guard(
      { name: bus.name, open, classify: error => bus.classify(error) },
      { what: 'The bus of the cache', timeoutMs, restMs, failed },
      around,
    )
  }

  get pending(): number {
    return this.#waiting.length
  }

  /** Listens from now on; where that fails, tries again until it is closed. */
  async start(): Promise<void> {
    const answer = await this.#guard.ask(async () => {})
    if (answer === down && !this.#closed) this.#around.clock.timer(this.#restMs + 1, () => void this.start())
  }

  tell(change: Change): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#waiting = []
      this.#overflowed = true
    }
    this.#waiting.push(change)
    this.#pump()
  }

  /** Tells what is waiting, unless the bus is down. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#telling
    await this.#bus.close()
  }

  #pump(): void {
    if (this.#telling || this.#pausing) return
    this.#telling = this.#tellAll().finally(() => {
      this.#telling = undefined
    })
  }

  async #tellAll(): Promise<void> {
    // So that what is changed in one go is told in one message.
    await undefined
    while (this.#waiting.length > 0 || this.#overflowed) {
      const told = this.#overflowed ? [] : this.#waiting.splice(0, mostTold)
      const message = JSON.stringify([this.#own, told])
      const answer = await this.#guard.ask(() => this.#bus.publish(message))
      if (answer !== down) {
        if (told.length === 0) this.#overflowed = false
        continue
      }
      this.#waiting.unshift(...told)
      this.#pausing = !this.#closed
      this.#around.clock.timer(this.#restMs + 1, () => {
        this.#pausing = false
        if (!this.#closed) this.#pump()
      })
      return
    }
  }

  #receive(message: string): void {
    const [sender, changes] = parse(message)
    if (sender === this.#own || changes === undefined) return
    if (changes.length === 0) this.#gap()
    for (const change of changes) {
      this.#stats.received++
      this.#reader.changed(change)
    }
  }

  #gap(): void {
    // What was there before it first listened, too: it may be older than the process knows.
    if (this.#heard) this.#stats.gaps++
    this.#heard = true
    this.#reader.missed()
  }
}

/** Nothing, of what is no message of ours. */
function parse(message: string): [sender: string, changes: Change[] | undefined] {
  try {
    const [sender, changes] = JSON.parse(message) as [unknown, unknown]
    if (typeof sender === 'string' && Array.isArray(changes) && changes.every(isChange))
      return [sender, changes]
  } catch {
    // Somebody else's.
  }
  return ['', undefined]
}

function isChange(change: unknown): change is Change {
  if (!Array.isArray(change) || typeof change[0] !== 'string') return false
  return (
    change[1] === 'all' || ((change[1] === 'key' || change[1] === 'tag') && typeof change[2] === 'string')
  )
}
