import { InfrastructureError } from '../ports/errors.ts'
import { isPermanent } from './permanent.ts'
import { storable } from './storable.ts'

const longestReason = 500
const longestStack = 8_000

/** An error in one line, for listings. Takes whatever was thrown; what was marked as permanent is told as it was. */
export function reasonOf(error: unknown): string {
  try {
    return cut(describe(originOf(error)).replace(/\s+/g, ' ').trim(), longestReason)
  } catch {
    // Anything can be thrown, also what has no text.
    return 'The handler threw something that cannot be printed.'
  }
}

/** An error's stack with those of its causes; empty when it has none. */
export function stackOf(error: unknown): string {
  const stacks: string[] = []
  let current = originOf(error)
  // Bounded: a chain of causes may be a ring.
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    stacks.push(current.stack ?? String(current))
    current = current.cause
  }
  return cut(stacks.join('\nCaused by: '), longestStack)
}

/** With a full stop, so that another sentence can follow. */
export function sentence(text: string): string {
  return /[.!?]\W?$/.test(text) ? text : `${text}.`
}

function originOf(error: unknown): unknown {
  return isPermanent(error) ? error.cause : error
}

function describe(error: unknown): string {
  if (InfrastructureError.is(error)) return `${error.code}: ${error.message}`
  if (error instanceof Error)
    return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
  return String(error)
}

function cut(text: string, length: number): string {
  const short = text.length > length ? `${text.slice(0, length - 1)}…` : text
  return storable(short)
}
