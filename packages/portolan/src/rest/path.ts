import { InfrastructureError } from '../ports/errors.ts'

/** The names in a path pattern: `'id' | 'line'` of `/orders/:id/lines/:line`; `'*'` of a trailing wildcard. */
export type ParamNames<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Name | ParamNames<`/${Tail}`>
    : Rest
  : Path extends `${string}*`
    ? '*'
    : never

export type PathParams<Path extends string> = { readonly [Name in ParamNames<Path>]: string }

/** A path pattern, taken apart. */
export interface PathPattern {
  readonly text: string
  readonly segments: readonly string[]
  readonly params: readonly string[]
}

/** @throws InfrastructureError `invalid_argument` for a pattern that is not made of whole segments. */
export function parsePath(text: string): PathPattern {
  const pattern = pathPattern(text)
  const { segments } = pattern
  const valid =
    text.startsWith('/') &&
    segments.every((segment, index) =>
      segment === '*'
        ? index === segments.length - 1
        : /^:\w+$/.test(segment) || /^[^:*?#{}\s]*$/.test(segment),
    )
  if (!valid) {
    throw new InfrastructureError(
      'invalid_argument',
      `'${text}' is no path. Write it as '/orders/:id': whole segments, a name after ':', '*' only at the end.`,
    )
  }
  return pattern
}

/** Takes a pattern apart as it is; Fastify's own plugins may use finer ones than `parsePath` allows. */
export function pathPattern(text: string): PathPattern {
  const segments = text.split('/').slice(1)
  const params = segments.flatMap(segment =>
    segment === '*' ? ['*'] : segment.startsWith(':') ? [segment.slice(1)] : [],
  )
  return { text, segments, params }
}

/** Whether a requested path (without its query) is one of the pattern's. */
export function matchesPath(pattern: PathPattern, path: string): boolean {
  const segments = path.split('/').slice(1)
  const wildcard = pattern.segments.at(-1) === '*'
  if (wildcard ? segments.length < pattern.segments.length : segments.length !== pattern.segments.length) {
    return false
  }
  return pattern.segments.every(
    (expected, index) =>
      expected === '*' || (expected.startsWith(':') ? segments[index] !== '' : expected === segments[index]),
  )
}
