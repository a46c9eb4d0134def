/** Counts what arrives, and notices what arrives twice or was not expected. */
export class Arrivals {
  #missing = new Set<number>()
  #all = Promise.withResolvers<void>()

  /** Resolves when each of `numbers` has arrived; rejects for one that was not expected, or comes again. */
  expect(numbers: readonly number[]): Promise<void> {
    this.#missing = new Set(numbers)
    this.#all = Promise.withResolvers()
    return this.#all.promise
  }

  add(n: number): void {
    if (!this.#missing.delete(n))
      this.#all.reject(new Error(`Message ${n} came twice, or nobody had sent it.`))
    else if (this.#missing.size === 0) this.#all.resolve()
  }
}

/** Rejects when nothing comes of it for a minute. */
export async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`${what} took longer than a minute.`)), 60_000)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
