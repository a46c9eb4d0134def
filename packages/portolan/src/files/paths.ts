import { InfrastructureError } from '../ports/errors.ts'

/** As long as the shortest limit of the engines (S3: 1,024 bytes a key). */
const maxPathBytes = 1024

const encoder = new TextEncoder()

/**
 * Refuses what is not the one normal form of a path.
 *
 * @throws InfrastructureError `invalid_argument`
 */
export function requirePath(path: string): void {
  const reason = flawOf(path)
  if (reason === undefined) return
  throw new InfrastructureError(
    'invalid_argument',
    `${JSON.stringify(path.slice(0, 200))} is no path: ${reason}. Write it as in 'receipts/2010/12/42.html'.`,
  )
}

function flawOf(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (path.includes('\0')) return 'it contains a NUL'
  if (path.includes('\\')) return 'it contains a backslash'
  if (path.startsWith('/')) return 'it begins with a slash'
  // A lone surrogate has no UTF-8 form, so that two paths could fall together.
  if (!path.isWellFormed()) return 'it is no well-formed Unicode'
  for (const segment of path.split('/')) {
    if (segment === '') return 'a segment is empty'
    if (segment === '.' || segment === '..') return `a segment is '${segment}'`
  }
  // No character takes more than three bytes a code unit.
  if (path.length * 3 > maxPathBytes && encoder.encode(path).length > maxPathBytes) {
    return `it is longer than ${maxPathBytes} bytes`
  }
  return undefined
}
