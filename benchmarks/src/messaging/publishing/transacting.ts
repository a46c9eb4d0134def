/** Writes a row in a transaction of its own, and publishes a message in it, or does not. */
export interface Transacting extends AsyncDisposable {
  transact(n: number, publishes: boolean): Promise<void>
  /** Rows and messages that are stored; removes them. */
  clear(): Promise<{ readonly rows: number; readonly messages: number }>
}

/** As many requests are served at a time. */
const atOnce = 8
const count = 1_000

let next = 0

export async function transactionRate(transacting: Transacting, publishes: boolean): Promise<number> {
  const first = next
  next += count
  let at = first
  const began = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (at < first + count) await transacting.transact(at++, publishes)
    }),
  )
  const seconds = (performance.now() - began) / 1_000
  const { rows, messages } = await transacting.clear()
  if (rows !== count || messages !== (publishes ? count : 0))
    throw new Error(`${rows} rows and ${messages} messages are stored, of ${count} transactions.`)
  return count / seconds
}
