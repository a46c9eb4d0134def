import { InfrastructureError } from '../ports/errors.ts'

/** Why a statement is refused before any engine sees it. */
export function transactionControl(): InfrastructureError {
  return new InfrastructureError(
    'invalid_argument',
    "A statement must not begin or end a transaction. Use `run`, with propagation 'nested' for a savepoint.",
  )
}

export function miscounted(placeholders: number, given: number): InfrastructureError {
  return new InfrastructureError(
    'invalid_argument',
    `The statement has ${placeholders} placeholders, but ${given} parameters were given.`,
  )
}

export function readOnlyScope(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'This unit of work is read-only. Leave out `readOnly` to write.',
  )
}

export function nobodyTakesEvents(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'There is nobody to take domain events, and they must not be lost. Create the messaging over this database first, ' +
      'or leave `events` out of the mapping.',
  )
}
