/** What lies behind the shop and need not be kept for the books. Each joins the unit of work in progress. */
export interface History {
  /** Deletes up to `limit` messages of conversations from before; resolves with their number. */
  pruneMessages(before: Date, limit: number): Promise<number>
  /** Deletes up to `limit` carts that were done with before; resolves with their number. */
  pruneCarts(before: Date, limit: number): Promise<number>
}
