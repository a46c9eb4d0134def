export type Propagation = 'required' | 'nested' | 'requires_new'
export type Isolation = 'read_committed' | 'repeatable_read' | 'serializable'

export interface UnitOfWorkOptions {
  /**
   * `required` (default) joins the transaction in progress or begins one; `nested` begins a savepoint in it;
   * `requires_new` begins one of its own, or rejects with `unsupported` where the engine has a single writer.
   */
  readonly propagation?: Propagation
  /** The least isolation that is wanted; the engine may give more. Only the outermost scope decides. */
  readonly isolation?: Isolation
  /** Promises that nothing is written; writing is then an error. */
  readonly readOnly?: boolean
  /** How often the outermost scope tries when the engine says `retry: 'now'`. Default 5. */
  readonly attempts?: number
  readonly signal?: AbortSignal
}

/**
 * Several changes, or none of them. The transaction in progress travels with the asynchronous context:
 * repositories, messages and jobs join it by themselves.
 *
 * @example
 * await unitOfWork.run(async () => {
 *   const order = Order.place(await carts.get(id))
 *   await orders.save(order)
 *   await jobs.enqueue(CapturePayment, { orderId: order.id })
 * })
 */
export interface UnitOfWork {
  /**
   * Runs `work` in one transaction and commits when it resolves. `work` may run again after a deadlock or a
   * serialization failure, so it must not have effects outside of the transaction.
   */
  run<T>(work: () => Promise<T>, options?: UnitOfWorkOptions): Promise<T>
  /**
   * Calls `hook` once after the transaction in progress has committed, never after a rollback. Outside of a
   * transaction it is called at once. What a hook throws is logged and changes nothing.
   */
  afterCommit(hook: () => void | Promise<void>): void
}
