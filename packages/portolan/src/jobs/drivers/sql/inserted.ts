import type { NewJob } from '../../driver.ts'

export interface InsertedRow {
  readonly id: number
  readonly queue: string
  readonly unique_key: string | null
}

/**
 * The ids of `jobs`, from the rows that became of them, which come in any order. Jobs without a unique key are all stored, with ids that
 * ascend as they were given; of those with one, the first of a key is.
 */
export function idsInOrder(jobs: readonly NewJob[], rows: readonly InsertedRow[]): (string | undefined)[] {
  const plain: number[] = []
  const keyed = new Map<string, number>()
  for (const row of rows) {
    if (row.unique_key === null) plain.push(row.id)
    else keyed.set(JSON.stringify([row.queue, row.unique_key]), row.id)
  }
  plain.sort((a, b) => a - b)
  let next = 0
  return jobs.map(({ queue, unique }) => {
    if (unique === undefined) return String(plain[next++])
    const key = JSON.stringify([queue, unique])
    const id = keyed.get(key)
    keyed.delete(key)
    return id === undefined ? undefined : String(id)
  })
}
