interface Asked<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks what is asked at the same time in one go: while an answer is under way, further questions gather for the next one. So each is
 * answered from what is there after it was asked, and none waits for others to come.
 */
export class Gathering<Question, Answer> {
  readonly #ask: (questions: readonly Question[]) => Promise<readonly Answer[]>
  readonly #most: number
  readonly #asked: Asked<Question, Answer>[] = []
  #busy = false

  /** `ask` resolves with an answer for each question, in their order; it is given up to `most` at a time. */
  constructor(ask: (questions: readonly Question[]) => Promise<readonly Answer[]>, most: number) {
    this.#ask = ask
    this.#most = most
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ question, resolve, reject })
      if (!this.#busy) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#busy = true
    // Whoever asks in the same turn.
    await Promise.resolve()
    while (this.#asked.length > 0) {
      const asked = this.#asked.splice(0, this.#most)
      try {
        const answers = await this.#ask(asked.map(({ question }) => question))
        for (const [at, { resolve }] of asked.entries()) resolve(answers[at]!)
      } catch (error) {
        for (const { reject } of asked) reject(error)
      }
    }
    this.#busy = false
  }
}
