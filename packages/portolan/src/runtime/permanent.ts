// A registered symbol, so that the mark survives two copies of the package in one process.
const brand = Symbol.for('portolan.permanent')

/**
 * Marks an error as one that no retry will mend: thrown by a handler, it sends the job or message to the dead letters at once.
 *
 * @example
 * if (order === undefined) throw permanent(new Error(`There is no order ${orderId}.`))
 */
export function permanent(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  return Object.defineProperty(new Error(message, { cause: error }), brand, { value: true })
}

/** Whether `error` was marked by `permanent`. */
export function isPermanent(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && brand in error
}
