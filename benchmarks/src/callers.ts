/** For so long a round of a case goes on. */
const roundMs = 400

/**
 * Lets `callers` do `work` again and again, each waiting for its own before it does the next; operations a second. Work is numbered through.
 */
export async function callers(count: number, work: (index: number) => Promise<void>): Promise<number> {
  let done = 0
  let begun = 0
  const start = performance.now()
  async function call(): Promise<void> {
    while (performance.now() - start < roundMs) {
      await work(begun++)
      done++
    }
  }
  await Promise.all(Array.from({ length: count }, call))
  return done / ((performance.now() - start) / 1000)
}
