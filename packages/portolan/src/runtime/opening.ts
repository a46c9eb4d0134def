/** Opens something once, for all who ask; after a failure, whoever asks next tries again, as the cause may have been removed. */
export class Opening {
  readonly #open: () => Promise<void>
  #opened: Promise<void> | undefined
  #done = false

  constructor(open: () => Promise<void>) {
    this.#open = open
  }

  /** Whether it has succeeded: nobody needs to await it any more. */
  get done(): boolean {
    return this.#done
  }

  /** Resolves when it is open. Rejects as `open` does. */
  opened(): Promise<void> {
    this.#opened ??= this.#open().then(
      () => {
        this.#done = true
      },
      error => {
        this.#opened = undefined
        throw error
      },
    )
    return this.#opened
  }
}
