import type { Order } from './shop.ts'

/** A database of the suite's own, filled with the shop, and a way to look into it beside the contender. */
export interface Ground extends AsyncDisposable {
  /** A path for SQLite, a URL with the name of the database for the others. */
  readonly url: string
  /** What the orders are now, changes included. */
  readonly orders: Map<string, Order>
  query<Row>(sql: string): Promise<Row[]>
  execute(sql: string): Promise<void>
  /** After each case: leaves nothing behind that the next one would pay for. */
  settle?(): void
}

export interface Engine {
  readonly name: 'sqlite' | 'postgres' | 'mysql'
  /** @throws Unavailable when there is no server. */
  open(): Promise<Ground>
  /** By its own name; nothing when there is no server. */
  version(): Promise<Readonly<Record<string, string>>>
}

let made = 0
/** A name that no other run has. */
export const databaseName = (): string => `portolan_bench_${process.pid}_${++made}`

/** One ground for several contenders, which take turns: opened by the first, closed by the last. */
export function shared(open: () => Promise<Ground>): () => Promise<Ground> {
  let opened: Promise<Ground> | undefined
  let users = 0
  return async () => {
    opened ??= open()
    users++
    try {
      const ground = await opened
      return {
        ...ground,
        async [Symbol.asyncDispose]() {
          if (--users > 0) return
          opened = undefined
          await ground[Symbol.asyncDispose]()
        },
      }
    } catch (error) {
      users--
      opened = undefined
      throw error
    }
  }
}
