import { InfrastructureError } from '../../ports/errors.ts'
import { sentence } from '../../runtime/failure.ts'
import type { RunRow } from './history.ts'

/** The command that people run, as exactly as the library can know it. */
export function command(action: string, namespace: string): string {
  return `portolan migrate ${action} --namespace ${namespace}`
}

export function edited(namespace: string, name: string): InfrastructureError {
  return refused(
    `Migration '${name}' of '${namespace}' was edited after it had been applied. Restore it, and make the change in a new migration.`,
    { namespace, migration: name },
  )
}

export function missing(namespace: string, name: string): InfrastructureError {
  return refused(
    `Migration '${name}' of '${namespace}' was applied, but is not among those given. Deploy a version that has it.`,
    { namespace, migration: name },
  )
}

export function outOfOrder(namespace: string, name: string, after: string): InfrastructureError {
  return refused(
    `Migration '${name}' of '${namespace}' sorts before '${after}', which was already applied. Rename it so that it sorts last.`,
    { namespace, migration: name },
  )
}

export function pending(namespace: string, names: readonly string[]): InfrastructureError {
  return refused(
    `The database lacks ${names.length === 1 ? 'a migration' : `${names.length} migrations`} of '${namespace}' (${names.join(', ')}), and this application was told not to apply any. Run: ${command('up', namespace)}`,
    { namespace, pending: names },
  )
}

export function irreversible(namespace: string, name: string): InfrastructureError {
  return new InfrastructureError(
    'unsupported',
    `Migration '${name}' of '${namespace}' has no \`down\`, so it cannot be undone.`,
    { details: { namespace, migration: name } },
  )
}

export function overtaken(namespace: string, name: string): InfrastructureError {
  return new InfrastructureError(
    'conflict',
    `Another process changed what is applied of '${namespace}' meanwhile, so '${name}' is not next any more. Look at the status, and try again.`,
    { details: { namespace, migration: name } },
  )
}

export function resolvedMeanwhile(namespace: string, name: string): InfrastructureError {
  return new InfrastructureError(
    'conflict',
    `Migration '${name}' of '${namespace}' was run to its end, but somebody took it for dead and resolved it meanwhile. Check the schema against the status.`,
    { details: { namespace, migration: name } },
  )
}

export function inUnitOfWork(): InfrastructureError {
  return refused(
    'Migrations cannot run inside of a unit of work: they commit one by one. Run them before.',
    {},
  )
}

/** A migration in one transaction. */
export function nothingApplied(
  namespace: string,
  name: string,
  statement: number,
  error: InfrastructureError,
): InfrastructureError {
  return new InfrastructureError(
    error.code,
    `Statement ${statement} of migration '${name}' of '${namespace}' failed, so nothing of it was applied: ${error.message}`,
    {
      cause: error,
      retry: error.retry,
      details: { ...error.details, namespace, migration: name, statement },
    },
  )
}

/** A migration outside of a transaction that failed, or whose process is gone. `cause`: as it happens; absent: found later. */
export function stopped(namespace: string, run: RunRow, cause?: unknown): InfrastructureError {
  const { name, direction, statement, failure, startedAt, owner } = run
  const what = `migration '${name}' of '${namespace}'`
  const whole = direction === 'up' ? what : `undoing ${what}`
  const place = statement > 0 ? `statement ${statement} of ${whole}` : whole
  const event = `${place.charAt(0).toUpperCase()}${place.slice(1)} ${failure === null ? 'stopped without a word' : `failed: ${sentence(failure)}`}`
  const begun =
    cause === undefined ? ` was begun at ${new Date(startedAt).toISOString()} by ${named(owner)}, and` : ''
  return new InfrastructureError(
    InfrastructureError.is(cause) ? cause.code : cause === undefined ? 'precondition_failed' : 'internal',
    `${event}${failure === null ? '.' : ''} It${begun} ran outside of a transaction, so what it did until then may have stayed. ` +
      `Repair the schema by hand, so that it holds all of the migration or nothing of it. Then run ` +
      `${command(`resolve ${name} --applied`, namespace)}, or the same with --not-applied.`,
    {
      cause,
      details: {
        ...(InfrastructureError.is(cause) ? cause.details : {}),
        ...{ namespace, migration: name, direction, ...(statement > 0 ? { statement } : {}) },
      },
    },
  )
}

export function stillRunning(namespace: string, { name, owner }: RunRow): InfrastructureError {
  return refused(
    `Migration '${name}' of '${namespace}' is being run by ${named(owner)}. Wait until it has ended.`,
    {
      namespace,
      migration: name,
    },
  )
}

export function waitedTooLong(
  namespace: string,
  { name, owner }: RunRow,
  waitMs: number,
): InfrastructureError {
  return new InfrastructureError(
    'deadline_exceeded',
    `Migration '${name}' of '${namespace}' is still being run by ${named(owner)}, after a wait of ${waitMs} ms. Try again later, or raise \`wait\`.`,
    { retry: 'later', details: { namespace, migration: name } },
  )
}

export function refused(message: string, details: Readonly<Record<string, unknown>>): InfrastructureError {
  return new InfrastructureError('precondition_failed', message, { details })
}

/** The host and process of an owner, without what makes it unique. */
export function named(owner: string): string {
  return owner.slice(owner.indexOf(' ') + 1)
}
