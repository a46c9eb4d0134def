import type { Clock } from '../../../ports/time.ts'
import type { Position, Positions } from './positions.ts'

/** Milliseconds. What is finished meanwhile moves the position in one step. */
const moveEvery = 20

/**
 * A stream that this process reads for a group, from its position on. The position never passes a message that is not finished, in
 * whatever order they are.
 */
export class Claim {
  readonly stream: string
  readonly group: string
  readonly #positions: Positions
  readonly #clock: Clock
  readonly #lose: () => void
  readonly #unfinished = new Set<number>()
  /** The newest that came. */
  #newest: number
  #saved: Position
  #moving: Promise<void> | undefined
  #held = true

  /** `lose` is called when it is somebody else's, or when nobody knows. */
  constructor(
    { stream, group, position }: { stream: string; group: string; position: Position },
    positions: Positions,
    clock: Clock,
    lose: () => void,
  ) {
    this.stream = stream
    this.group = group
    this.#saved = position
    this.#newest = position.sequence
    this.#positions = positions
    this.#clock = clock
    this.#lose = lose
  }

  get inHand(): number {
    return this.#unfinished.size
  }

  /** Everything up to it is finished. */
  get #reached(): number {
    const [first = this.#newest + 1] = this.#unfinished
    return first - 1
  }

  add(sequence: number): void {
    this.#unfinished.add(sequence)
    this.#newest = sequence
  }

  /** Does nothing once it is given up. */
  finish(sequence: number): void {
    if (!this.#held || !this.#unfinished.delete(sequence)) return
    this.#moving ??= this.#moveSoon()
  }

  /** Moves the position now, for the last time. What is finished later comes again. */
  async close(): Promise<void> {
    if (!this.#held) return
    await this.#moving
    if (this.#held) await this.#move()
    this.giveUp()
  }

  /** What is finished from now on comes again. */
  giveUp(): void {
    this.#held = false
  }

  async #moveSoon(): Promise<void> {
    do {
      await this.#clock.sleep(moveEvery)
      if (this.#held) await this.#move()
    } while (this.#held && this.#reached !== this.#saved.sequence)
    this.#moving = undefined
  }

  async #move(): Promise<void> {
    const sequence = this.#reached
    if (sequence === this.#saved.sequence) return
    let revision: number | undefined
    try {
      revision = await this.#positions.move(this.stream, this.group, sequence, this.#saved.revision)
    } catch {
      // Whether it was moved is told by the record.
    }
    if (revision !== undefined) {
      this.#saved = { sequence, revision }
      return
    }
    this.giveUp()
    this.#lose()
  }
}
