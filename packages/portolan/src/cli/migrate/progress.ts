import type { MigrationProgress } from '../../persistence/migrator.ts'
import type { Clock, Timer } from '../../ports/time.ts'
import type { Terminal } from '../command.ts'

const everyMs = 10_000

/** Tells of each migration as it is done, and from time to time of one that takes long. */
export class Progress implements Disposable {
  readonly #terminal: Terminal
  readonly #clock: Clock
  readonly #quiet: boolean
  #timer: Timer | undefined

  constructor(terminal: Terminal, clock: Clock, quiet: boolean) {
    this.#terminal = terminal
    this.#clock = clock
    this.#quiet = quiet
  }

  tell({ event, namespace, name, direction, statement, statements, durationMs }: MigrationProgress): void {
    const which = `${namespace} ${name}`
    if (event === 'waiting') this.#terminal.error(`Waits for another process, which runs ${which}.\n`)
    else if (event === 'begun') this.#watch(which)
    else if (event === 'statement') this.#watch(`${which}: statement ${statement} of ${statements}`)
    else {
      this.#timer?.cancel()
      const done = direction === 'up' ? 'applied' : 'undone '
      if (!this.#quiet) this.#terminal.out(`${done}  ${which}  ${durationMs} ms\n`)
    }
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel()
  }

  #watch(what: string, since = this.#clock.monotonic()): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.timer(everyMs, () => {
      this.#terminal.error(`${what}, ${Math.round((this.#clock.monotonic() - since) / 1_000)} s\n`)
      this.#watch(what, since)
    })
  }
}
