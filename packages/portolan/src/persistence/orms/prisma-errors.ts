import { InfrastructureError } from '../../ports/errors.ts'
import type { Dialect } from '../driver.ts'
import { sqliteError } from '../drivers/sqlite/better-sqlite.ts'

/** What an adapter of Prisma says of a statement that failed. */
interface Failure {
  /** As the engine has it: `23505`, `1062`, `SQLITE_CONSTRAINT_UNIQUE`. */
  readonly originalCode?: string
  readonly originalMessage?: string
  readonly table?: string
  readonly state?: string
  readonly detail?: string
  readonly constraint?: { readonly index?: string }
}

/** The error that the engine's client would have raised, with Prisma's as its cause; anything else as it is. */
export function nativeError(error: unknown, dialect: Dialect): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  // Of its transactions themselves (https://www.prisma.io/docs/orm/reference/error-reference#p2028).
  if (error.code === 'P2028') return ended(error)
  const failure = failureIn(error)
  return failure?.originalCode === undefined
    ? lostOr(error)
    : natives[dialect](new Error(failure.originalMessage, { cause: error }), failure.originalCode, failure)
}

const natives: Readonly<Record<Dialect, (error: Error, code: string, failure: Failure) => unknown>> = {
  postgres(error, code, { table, detail, constraint }) {
    // What Prisma leaves out stands in the message.
    const [, column, ofTable] = /column "(.+?)" of relation "(.+?)"/.exec(error.message) ?? []
    const [, named] = /constraint "(.+?)"/.exec(error.message) ?? []
    const [, relation] = /(?:relation|table) "(.+?)"/.exec(error.message) ?? []
    return Object.assign(error, {
      code,
      severity: 'ERROR',
      table: table ?? ofTable ?? relation,
      column,
      detail,
      constraint: constraint?.index ?? named,
    })
  },
  mysql: (error, code, { state = 'HY000' }) => Object.assign(error, { errno: Number(code), sqlState: state }),
  sqlite: (error, code) => sqliteError(Object.assign(error, { code })),
}

function failureIn(error: Error): Failure | undefined {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: Failure } } }
  return meta?.driverAdapterError?.cause
}

function ended(cause: Error): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'Prisma has ended the transaction, or cannot begin it: await everything inside of it, and raise its `timeout` or `maxWait` if it takes longer.',
    { cause },
  )
}

/** What is no answer of the engine to a statement: the connection is gone, or Prisma itself failed. */
function lostOr(cause: Error): InfrastructureError {
  return new InfrastructureError('unavailable', 'Prisma could not run a statement of the transaction.', {
    cause,
    retry: 'later',
  })
}
